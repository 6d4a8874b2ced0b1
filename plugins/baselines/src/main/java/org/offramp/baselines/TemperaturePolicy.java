package org.offramp.baselines;

import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;

/**
 * Score: the greatest class probability after temperature scaling, with one temperature per exit that has the least negative
 * log-likelihood on the calibration split (Guo et al. 2017, §4.2).
 */
final class TemperaturePolicy implements ExitPolicyFactory<TemperaturePolicy.Config> {
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final double LOG_RANGE = Math.log(20);

    record Config() {}

    @Override
    public String name() {
        return "temperature-scaled";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FITTED);
    }

    @Override
    public PolicyState fit(Config config, CalibrationTrace calibration, RandomGenerator random) {
        double[] temperatures = new double[calibration.evidence().exits()];
        int[] labels = calibration.labels();
        for (int exit = 1; exit <= temperatures.length; exit++) {
            temperatures[exit - 1] = best(calibration.evidence().output(exit, HeadOutput.LOGITS), labels);
        }
        return new PolicyState(Map.of("temperature", temperatures));
    }

    /** Golden-section search: the loss is unimodal in the logarithm of the temperature. */
    static double best(FloatMatrix logits, int[] labels) {
        double low = -LOG_RANGE;
        double high = LOG_RANGE;
        while (high - low > 1e-4) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (loss(logits, labels, Math.exp(left)) < loss(logits, labels, Math.exp(right))) {
                high = right;
            } else {
                low = left;
            }
        }
        return Math.exp((low + high) / 2);
    }

    private static double loss(FloatMatrix logits, int[] labels, double temperature) {
        double sum = 0;
        for (int row = 0; row < labels.length; row++) {
            double max = logits.get(row, logits.argMax(row));
            double normaliser = 0;
            for (int k = 0; k < logits.columns(); k++) {
                normaliser += Math.exp((logits.get(row, k) - max) / temperature);
            }
            sum += Math.log(normaliser) - (logits.get(row, labels[row]) - max) / temperature;
        }
        return sum;
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        double[] temperatures = state.get("temperature");
        return evidence -> {
            FloatMatrix probabilities = Checked.scaled(Checked.logits(evidence), temperatures[evidence.exit() - 1])
                    .softmax();
            return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
        };
    }
}
