package org.offramp.api;

/** What a component declares about itself; the host relies on it and the conformance suite checks it. */
public enum Capability {
    /** A policy that learns a state from calibration evidence; without it {@link ExitPolicyFactory#fit} is not called. */
    FITTED,
    /** A policy that reads the outputs of earlier exits, so that they must be kept for samples that went on. */
    READS_EARLIER_EXITS,
    /** A policy that needs {@link HeadOutput#DISTANCES} at every early exit. */
    NEEDS_DISTANCES,
    /** A policy that needs {@link HeadOutput#COMMITMENT} at every early exit. */
    NEEDS_COMMITMENT,
    /** A trainer that changes the backbone's parameters; without it they are bit-identical before and after. */
    TRAINS_BACKBONE,
    /** A backbone whose parameters come trained, so that a chain may begin with a trainer that freezes it. */
    PRETRAINED
}
