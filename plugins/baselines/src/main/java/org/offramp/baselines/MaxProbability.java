package org.offramp.baselines;

import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/** {@code max-probability}: the score is the greatest class probability (MSDNet 2018, SDN 2019). */
public final class MaxProbability implements ExitPolicyFactory<MaxProbability.Config> {
    /**
     * The keys of {@code max-probability}.
     *
     * @param temperature divides the logits; above 1 softer
     */
    public record Config(
            @Key(value = "divides the logits of every exit", defaultValue = "1.0", min = 0.001, max = 1000)
            double temperature) {
        /** Checks the range. */
        public Config {
            require("temperature", temperature);
        }
    }

    /** A finite positive temperature. */
    static void require(String key, double temperature) {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(key + " is " + temperature + "; allowed is a number > 0");
        }
    }

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
        return new LogitPolicy(
                evidence -> Logits.maxProbability(Logits.finite(evidence), config.temperature()),
                (exit, threshold) -> new ExitPolicy.Need(config.temperature(), threshold));
    }
}
