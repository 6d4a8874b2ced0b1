package org.offramp.conformance;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Evidence drawn from a seed, and changes to it. */
final class GivenEvidence {
    private static final int CALIBRATION_SAMPLES = 60;
    private static final double SPREAD = 3;

    private GivenEvidence() {}

    /**
     * Evidence at the last exit with every output at every exit.
     *
     * @param exits the number of exits
     * @param classes K
     * @param size the number of samples
     * @param seed the source of chance
     */
    static Evidence drawn(int exits, int classes, int size, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<Map<HeadOutput, FloatMatrix>> outputs = new ArrayList<>();
        for (int exit = 1; exit <= exits; exit++) {
            Map<HeadOutput, FloatMatrix> heads = new EnumMap<>(HeadOutput.class);
            heads.put(HeadOutput.LOGITS, matrix(size, classes, random));
            heads.put(HeadOutput.DISTANCES, absolute(matrix(size, classes, random)));
            heads.put(HeadOutput.COMMITMENT, matrix(size, 1, random));
            outputs.add(heads);
        }
        return new Evidence(exits, outputs);
    }

    /** A calibration trace whose labels are mostly the last exit's answers, every class among them. */
    static CalibrationTrace trace(int exits, int classes, long seed) {
        int size = Math.max(CALIBRATION_SAMPLES, 2 * classes);
        Evidence evidence = drawn(exits, classes, size, seed + 1000);
        int[] labels = new int[size];
        long[] macs = new long[exits];
        for (int sample = 0; sample < size; sample++) {
            labels[sample] = sample < classes ? sample : evidence.logits().argMax(sample);
        }
        for (int exit = 1; exit <= exits; exit++) {
            macs[exit - 1] = 1000L * exit;
        }
        return new CalibrationTrace(evidence, labels, macs);
    }

    /** The evidence with every matrix changed, or left out where the change gives none. */
    static Evidence changed(Evidence evidence, Change change) {
        List<Map<HeadOutput, FloatMatrix>> outputs = new ArrayList<>();
        for (int exit = 1; exit <= evidence.exit(); exit++) {
            Map<HeadOutput, FloatMatrix> heads = new EnumMap<>(HeadOutput.class);
            for (HeadOutput output : HeadOutput.values()) {
                if (evidence.has(exit, output)) {
                    change.of(exit, output, evidence.output(exit, output))
                            .ifPresent(matrix -> heads.put(output, matrix));
                }
            }
            outputs.add(heads);
        }
        return new Evidence(evidence.exits(), outputs);
    }

    /** The matrix with one value replaced. */
    static FloatMatrix with(FloatMatrix matrix, int row, int column, float value) {
        float[] values = matrix.toArray();
        values[row * matrix.columns() + column] = value;
        return FloatMatrix.wrap(values, matrix.rows(), matrix.columns());
    }

    /** The matrix with one row taken from another of the same size. */
    static FloatMatrix withRowOf(FloatMatrix matrix, FloatMatrix other, int row) {
        FloatMatrix changed = matrix;
        for (int column = 0; column < matrix.columns(); column++) {
            changed = with(changed, row, column, other.get(row, column));
        }
        return changed;
    }

    private static FloatMatrix matrix(int rows, int columns, RandomGenerator random) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (SPREAD * random.nextGaussian());
        }
        return FloatMatrix.wrap(values, rows, columns);
    }

    private static FloatMatrix absolute(FloatMatrix matrix) {
        float[] values = matrix.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]);
        }
        return FloatMatrix.wrap(values, matrix.rows(), matrix.columns());
    }

    /** What becomes of a matrix. */
    @FunctionalInterface
    interface Change {
        Optional<FloatMatrix> of(int exit, HeadOutput output, FloatMatrix matrix);
    }
}
