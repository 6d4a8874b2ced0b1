package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;

/**
 * A policy that scores by the logits of the exit alone.
 *
 * @param scores gives the scores
 * @param least the least difference between the two greatest logits for a threshold
 */
record LogitPolicy(ExitPolicy scores, LeastMargin least) implements ExitPolicy {
    /** As of {@link ExitPolicy#leastLogitMargin}. */
    @FunctionalInterface
    interface LeastMargin {
        double of(int exit, double threshold);
    }

    @Override
    public ExitScores score(Evidence evidence) {
        return scores.score(evidence);
    }

    @Override
    public double leastLogitMargin(int exit, double threshold) {
        return least.of(exit, threshold);
    }
}
