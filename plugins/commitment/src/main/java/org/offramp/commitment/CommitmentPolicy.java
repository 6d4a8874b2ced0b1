package org.offramp.commitment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/**
 * {@code commitment}: leaves where the exit is confident and its gate commits. With {@code and} the two thresholds are calibrated together, as
 * a staircase of each exit fitted on the calibration samples ({@link ThresholdPath}).
 */
public final class CommitmentPolicy implements ExitPolicyFactory<CommitmentPolicy.Config> {
    private static final String TAU = "tau-";
    private static final String KAPPA = "kappa-";
    private static final String VALUE = "value-";

    /** How confidence and gate make one score. */
    public enum Decide {
        /** Both must reach their thresholds. */
        AND,
        /** The gate alone. */
        GATE,
        /** Confidence times gate. */
        PRODUCT,
        /** The gate in place of the confidence, in the answer's probabilities too: the predicted class gets the gate's value. */
        REPLACE
    }

    /**
     * The keys of the policy {@code commitment}.
     *
     * @param decide how confidence and gate make one score
     */
    public record Config(
            @Key(
                    value = "how confidence and gate make one score: and, gate, product or replace",
                    defaultValue = "product")
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
        Map<String, double[]> state = new TreeMap<>();
        int exits = config.decide() == Decide.AND ? calibration.evidence().exits() - 1 : 0;
        for (int exit = 1; exit <= exits; exit++) {
            ThresholdPath path = path(calibration.evidence().upTo(exit), calibration.labels());
            state.put(TAU + exit, finite(path.confidence()));
            state.put(KAPPA + exit, finite(path.gate()));
            state.put(VALUE + exit, path.value());
        }
        return new PolicyState(state);
    }

    private static ThresholdPath path(Evidence evidence, int[] labels) {
        FloatMatrix probabilities = evidence.logits().softmax();
        float[] gates = gates(evidence, evidence.exit());
        double[] confidences = new double[labels.length];
        double[] commits = new double[labels.length];
        boolean[] right = new boolean[labels.length];
        for (int row = 0; row < labels.length; row++) {
            confidences[row] = probabilities.get(row, probabilities.argMax(row));
            commits[row] = gates[row];
            right[row] = probabilities.argMax(row) == labels[row];
        }
        return ThresholdPath.fit(confidences, commits, right);
    }

    /** A state holds finite numbers; both values lie in 0 … 1. */
    private static double[] finite(double[] thresholds) {
        return Arrays.stream(thresholds).map(value -> Math.max(value, -1)).toArray();
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
        List<ThresholdPath> paths = new ArrayList<>();
        while (state.asMap().containsKey(TAU + (paths.size() + 1))) {
            int exit = paths.size() + 1;
            paths.add(new ThresholdPath(state.get(TAU + exit), state.get(KAPPA + exit), state.get(VALUE + exit)));
        }
        return evidence -> score(config.decide(), evidence, paths);
    }

    private static ExitScores score(Decide decide, Evidence evidence, List<ThresholdPath> paths) {
        requireFinite(evidence);
        FloatMatrix probabilities = evidence.logits().softmax();
        int exit = evidence.exit();
        if (exit == evidence.exits() && !evidence.has(exit, HeadOutput.COMMITMENT)) {
            return ExitScores.ofProbabilities(probabilities, row -> confidence(probabilities, row));
        }
        float[] gates = gates(evidence, exit);
        if (decide == Decide.AND && exit > paths.size()) {
            throw new IllegalArgumentException("the policy's state has thresholds for " + paths.size() + " exits; exit "
                    + exit + " of " + evidence.exits() + " needs its own");
        }
        return ExitScores.ofProbabilities(
                decide == Decide.REPLACE ? replaced(probabilities, gates) : probabilities, row -> switch (decide) {
                    case AND -> paths.get(exit - 1).score(confidence(probabilities, row), gates[row]);
                    case GATE, REPLACE -> gates[row];
                    case PRODUCT -> confidence(probabilities, row) * gates[row];
                });
    }

    private static double confidence(FloatMatrix probabilities, int row) {
        return probabilities.get(row, probabilities.argMax(row));
    }

    /** The predicted class gets the gate's value, but no less than an equal share, so that it stays the predicted one; the others share the rest as before. */
    private static FloatMatrix replaced(FloatMatrix probabilities, float[] gates) {
        int classes = probabilities.columns();
        float[] values = new float[gates.length * classes];
        for (int row = 0; row < gates.length; row++) {
            int most = probabilities.argMax(row);
            double others = 0;
            double second = 0;
            for (int k = 0; k < classes; k++) {
                others += k == most ? 0 : probabilities.get(row, k);
                second = k == most ? second : Math.max(second, probabilities.get(row, k));
            }
            // With a share s for the predicted class, the next one has second · (1 − s) / others: at most s from here
            // on.
            double least = others == 0 ? 0 : second / (second + others);
            double share = Math.max(gates[row], least);
            for (int k = 0; k < classes; k++) {
                double rest =
                        others == 0 ? (1 - share) / (classes - 1) : probabilities.get(row, k) * (1 - share) / others;
                values[row * classes + k] = (float) (k == most ? share : rest);
            }
        }
        return FloatMatrix.wrap(values, gates.length, classes);
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
