package org.offramp.commitment;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/**
 * {@code commitment}: leaves where the exit is confident and its gate commits. With {@code and} the gate's own threshold κ of each exit is
 * fitted on the calibration samples, so that the confidence threshold that is calibrated afterwards meets the fewest errors over all
 * coverages; the score is the confidence where the gate reaches κ and the confidence minus 1 elsewhere.
 */
public final class CommitmentPolicy implements ExitPolicyFactory<CommitmentPolicy.Config> {
    private static final String STATE = "kappa";
    private static final int GRID = 20;

    /** How confidence and gate make one score. */
    public enum Decide {
        /** Both must reach their thresholds. */
        AND,
        /** The gate alone. */
        GATE,
        /** Confidence times gate. */
        PRODUCT
    }

    /**
     * The keys of the policy {@code commitment}.
     *
     * @param decide how confidence and gate make one score
     */
    public record Config(
            @Key(value = "how confidence and gate make one score: and, gate or product", defaultValue = "product")
            Decide decide) {}

    @Override
    public String name() {
        return "commitment";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FITTED, Capability.NEEDS_COMMITMENT);
    }

    @Override
    public PolicyState fit(Config config, CalibrationTrace calibration, RandomGenerator random) {
        Evidence evidence = calibration.evidence();
        double[] kappa = new double[evidence.exits() - 1];
        for (int exit = 1; exit <= kappa.length && config.decide() == Decide.AND; exit++) {
            kappa[exit - 1] = leastErrors(evidence.upTo(exit), calibration.labels());
        }
        return new PolicyState(Map.of(STATE, kappa));
    }

    /** The κ among the gate's quantiles with the least area under risk over coverage (AURC). */
    private static double leastErrors(Evidence evidence, int[] labels) {
        FloatMatrix probabilities = evidence.logits().softmax();
        float[] gates = gates(evidence, evidence.exit());
        float[] sorted = gates.clone();
        java.util.Arrays.sort(sorted);
        double best = Double.POSITIVE_INFINITY;
        double kappa = 0;
        for (int step = 0; step < GRID; step++) {
            double candidate = step == 0 ? 0 : sorted[step * (sorted.length - 1) / GRID];
            double[] scores = IntStream.range(0, labels.length)
                    .mapToDouble(row -> and(probabilities, gates, row, candidate))
                    .toArray();
            double area = area(scores, probabilities, labels);
            if (area < best - 1e-12) {
                best = area;
                kappa = candidate;
            }
        }
        return kappa;
    }

    private static double area(double[] scores, FloatMatrix probabilities, int[] labels) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(row -> -scores[row]))
                .mapToInt(Integer::intValue)
                .toArray();
        double area = 0;
        int wrong = 0;
        for (int i = 0; i < order.length; i++) {
            wrong += probabilities.argMax(order[i]) == labels[order[i]] ? 0 : 1;
            area += (double) wrong / (i + 1);
        }
        return area / Math.max(1, order.length);
    }

    private static double and(FloatMatrix probabilities, float[] gates, int row, double kappa) {
        double confidence = probabilities.get(row, probabilities.argMax(row));
        return gates[row] >= kappa ? confidence : confidence - 1;
    }

    /** σ(gate logit) of each sample. */
    private static float[] gates(Evidence evidence, int exit) {
        FloatMatrix logits = evidence.output(exit, HeadOutput.COMMITMENT);
        float[] gates = new float[logits.rows()];
        for (int row = 0; row < gates.length; row++) {
            float logit = logits.get(row, 0);
            if (!Float.isFinite(logit)) {
                throw new IllegalArgumentException(
                        "exit " + exit + ", row " + row + ": the gate is " + logit + "; allowed are finite numbers");
            }
            gates[row] = (float) (1 / (1 + Math.exp(-logit)));
        }
        return gates;
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        double[] kappa = state.get(STATE);
        return evidence -> {
            requireFinite(evidence);
            FloatMatrix probabilities = evidence.logits().softmax();
            if (!evidence.has(evidence.exit(), HeadOutput.COMMITMENT) && evidence.exit() == evidence.exits()) {
                return ExitScores.ofProbabilities(
                        probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
            }
            float[] gates = gates(evidence, evidence.exit());
            double least = evidence.exit() <= kappa.length ? kappa[evidence.exit() - 1] : 0;
            return ExitScores.ofProbabilities(probabilities, row -> switch (config.decide()) {
                case AND -> and(probabilities, gates, row, least);
                case GATE -> gates[row];
                case PRODUCT -> probabilities.get(row, probabilities.argMax(row)) * gates[row];
            });
        };
    }

    private static void requireFinite(Evidence evidence) {
        FloatMatrix logits = evidence.logits();
        for (int row = 0; row < logits.rows(); row++) {
            for (int column = 0; column < logits.columns(); column++) {
                if (!Float.isFinite(logits.get(row, column))) {
                    throw new IllegalArgumentException(
                            "exit " + evidence.exit() + ", row " + row + ": the logit of class " + column + " is "
                                    + logits.get(row, column) + "; allowed are finite numbers");
                }
            }
        }
    }
}
