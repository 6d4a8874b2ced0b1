package org.offramp.baselines;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/**
 * {@code pcee}: the score is the accuracy that samples of this confidence had on the calibration split (PCEE 2024), so that a
 * threshold is the wanted accuracy. The smoothing and the monotone table are ours, see {@link ReliabilityTable}.
 */
public final class ReliabilityPolicy implements ExitPolicyFactory<ReliabilityPolicy.Config> {
    /**
     * The keys of {@code pcee}.
     *
     * @param bins bins of equal width over the confidence
     */
    public record Config(
            @Key(value = "bins of equal width over the greatest probability", defaultValue = "15", min = 1, max = 1000)
            int bins) {
        /** Checks the range. */
        public Config {
            if (bins < 1) {
                throw new IllegalArgumentException("bins is " + bins + "; allowed is a number >= 1");
            }
        }
    }

    @Override
    public String name() {
        return "pcee";
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
        Map<String, double[]> tables = new TreeMap<>();
        for (int exit = 1; exit <= calibration.evidence().exits(); exit++) {
            FloatMatrix probabilities =
                    Logits.finite(calibration.evidence(), exit).softmax();
            tables.put("exit-" + exit, ReliabilityTable.of(probabilities, calibration.labels(), config.bins()));
        }
        return new PolicyState(tables);
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        Map<String, double[]> tables = state.asMap();
        state.get("exit-1");
        tables.forEach((name, table) -> {
            if (table.length != config.bins()) {
                throw new IllegalArgumentException("the policy's state '" + name + "' has " + table.length
                        + " bins; the key bins is " + config.bins());
            }
        });
        return new LogitPolicy(
                evidence -> score(evidence, state.get("exit-" + evidence.exit())),
                (exit, threshold) ->
                        new ExitPolicy.Need(1, ReliabilityTable.leastConfidence(state.get("exit-" + exit), threshold)));
    }

    private static ExitScores score(Evidence evidence, double[] table) {
        FloatMatrix probabilities = Logits.finite(evidence).softmax();
        return ExitScores.ofProbabilities(
                probabilities,
                row -> table[ReliabilityTable.bin(probabilities.get(row, probabilities.argMax(row)), table.length)]);
    }
}
