package org.offramp.api;

/** What a head gives: one small vector per sample. */
public enum HeadOutput {
    /** Unnormalised class scores, {@code batch × K}. */
    LOGITS,
    /** Distances to the class means, {@code batch × K}, not negative. */
    DISTANCES,
    /** One logit per sample, {@code batch × 1}: commit to this exit's answer where it is large. */
    COMMITMENT,
    /**
     * The sample's values, {@code batch × values of a sample}: what an unsupervised trainer attaches while it trains, and
     * {@link TrainingSession#detach detaches}.
     */
    @Experimental("a head that is only there during training")
    RECONSTRUCTION
}
