package org.offramp.baselines;

import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/**
 * Score: minus the entropy in nats, {@code Σ_k p_k log p_k} (BranchyNet 2016); a threshold is minus the greatest entropy that
 * may leave.
 */
final class EntropyPolicy implements ExitPolicyFactory<EntropyPolicy.Config> {
    record Config() {}

    @Override
    public String name() {
        return "entropy";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        return evidence -> {
            FloatMatrix probabilities = Checked.logits(evidence).softmax();
            return ExitScores.ofProbabilities(probabilities, row -> {
                double score = 0;
                for (int k = 0; k < probabilities.columns(); k++) {
                    double p = probabilities.get(row, k);
                    score += p > 0 ? p * Math.log(p) : 0;
                }
                return score;
            });
        };
    }
}
