package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;

/**
 * A policy that scores by the logits of the exit alone.
 *
 * @param scores gives the scores
 * @param needs what a threshold needs
 */
record LogitPolicy(ExitPolicy scores, Needs needs) implements ExitPolicy {
    /** As of {@link ExitPolicy#need}. */
    @FunctionalInterface
    interface Needs {
        Need of(int exit, double threshold);
    }

    @Override
    public ExitScores score(Evidence evidence) {
        return scores.score(evidence);
    }

    @Override
    public Need need(int exit, double threshold) {
        return needs.of(exit, threshold);
    }
}
