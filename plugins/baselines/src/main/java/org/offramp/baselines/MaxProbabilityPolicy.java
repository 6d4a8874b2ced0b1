package org.offramp.baselines;

import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/** Score: the greatest class probability, {@code max_k softmax(z / T)_k} (MSDNet 2018, SDN 2019). */
final class MaxProbabilityPolicy implements ExitPolicyFactory<MaxProbabilityPolicy.Config> {
    record Config(
            @Key(value = "divides the logits", defaultValue = "1.0", min = 0.01, max = 100)
            double temperature) {}

    @Override
    public String name() {
        return "max-probability";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        return evidence -> {
            FloatMatrix probabilities = Checked.scaled(Checked.logits(evidence), config.temperature())
                    .softmax();
            return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
        };
    }
}
