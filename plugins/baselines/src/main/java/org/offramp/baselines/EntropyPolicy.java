package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/**
 * {@code entropy}: the score is minus the entropy of the class probabilities in nats (BranchyNet 2016), so that a
 * threshold is minus the greatest entropy with which a sample leaves.
 */
public final class EntropyPolicy implements ExitPolicyFactory<NoKeys> {
    @Override
    public String name() {
        return "entropy";
    }

    @Override
    public Class<NoKeys> configType() {
        return NoKeys.class;
    }

    /** An entropy is at least minus the logarithm of the greatest probability. */
    @Override
    public ExitPolicy create(NoKeys config, PolicyState state) {
        return new LogitPolicy(EntropyPolicy::score, (exit, threshold) -> new ExitPolicy.Need(1, Math.exp(threshold)));
    }

    private static ExitScores score(Evidence evidence) {
        FloatMatrix logits = Logits.finite(evidence);
        return ExitScores.ofProbabilities(logits.softmax(), row -> 0 - nats(logits.row(row), logits.argMax(row)));
    }

    /**
     * H = log Σ exp(z − m) − Σ p (z − m) with m the greatest logit. The greatest term is kept out of the sum for {@code log1p},
     * so that entropies far below the precision of a probability near 1 are still told apart.
     */
    static double nats(float[] logits, int greatest) {
        double others = 0;
        double moment = 0;
        for (int k = 0; k < logits.length; k++) {
            if (k != greatest) {
                double difference = (double) logits[k] - logits[greatest];
                double exponential = Math.exp(difference);
                others += exponential;
                moment += exponential * difference;
            }
        }
        return Math.log1p(others) - moment / (1 + others);
    }
}
