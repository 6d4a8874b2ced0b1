package org.offramp.baselines;

import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/** Score: the greatest class probability minus the second greatest. */
final class MarginPolicy implements ExitPolicyFactory<MarginPolicy.Config> {
    record Config() {}

    @Override
    public String name() {
        return "margin";
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
                int best = probabilities.argMax(row);
                float second = 0;
                for (int k = 0; k < probabilities.columns(); k++) {
                    second = k == best ? second : Math.max(second, probabilities.get(row, k));
                }
                return probabilities.get(row, best) - second;
            });
        };
    }
}
