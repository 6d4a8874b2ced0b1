package org.offramp.baselines;

import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.PolicyState;
import org.offramp.api.TemperatureScaling;

/**
 * {@code temperature}: the score is the greatest probability of softmax(z / T), with T fitted for every exit by the least
 * negative log-likelihood on the calibration samples (Guo et al. 2017, section 4.2).
 */
public final class TemperaturePolicy implements ExitPolicyFactory<NoKeys> {
    private static final String STATE = "temperatures";

    @Override
    public String name() {
        return "temperature";
    }

    @Override
    public Class<NoKeys> configType() {
        return NoKeys.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FITTED);
    }

    @Override
    public PolicyState fit(NoKeys config, CalibrationTrace calibration, RandomGenerator random) {
        double[] temperatures = new double[calibration.evidence().exits()];
        for (int exit = 1; exit <= temperatures.length; exit++) {
            temperatures[exit - 1] =
                    TemperatureScaling.fit(Logits.finite(calibration.evidence(), exit), calibration.labels());
        }
        return new PolicyState(Map.of(STATE, temperatures));
    }

    @Override
    public ExitPolicy create(NoKeys config, PolicyState state) {
        double[] temperatures = state.get(STATE);
        for (double temperature : temperatures) {
            MaxProbability.require(STATE, temperature);
        }
        return new LogitPolicy(
                evidence -> Logits.maxProbability(Logits.finite(evidence), temperatures[evidence.exit() - 1]),
                (exit, threshold) -> new ExitPolicy.Need(temperatures[exit - 1], threshold));
    }
}
