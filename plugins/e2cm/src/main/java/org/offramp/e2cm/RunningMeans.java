package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The means of K groups of vectors that come batch by batch. Each batch moves a mean by its own deviation from it,
 * c ← c + (Σx − n·c) / N, in double precision (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance",
 * equation 1.5), so that a large common offset of the values does no harm and the number of samples has no bound.
 *
 * <p>Memory: 8·K·d bytes for the means, and at most {@value #PART_BYTES} bytes of a batch at a time.
 */
final class RunningMeans {
    private static final long PART_BYTES = 64L << 20;

    private final double[][] means;
    private final long[] counts;

    RunningMeans(int groups, int width) {
        means = new double[groups][width];
        counts = new long[groups];
    }

    /**
     * Takes a batch in.
     *
     * @param vectors {@code (batch, d)}
     * @param groups the group of each, {@code batch} of them
     */
    void add(NDArray vectors, int[] groups) {
        int width = means[0].length;
        int rows = (int) Math.max(1, Math.min(groups.length, PART_BYTES / (Double.BYTES * (long) width)));
        for (int from = 0; from < groups.length; from += rows) {
            int to = Math.min(groups.length, from + rows);
            try (NDManager scope = vectors.getManager().newSubManager()) {
                NDArray part = to - from == groups.length ? vectors : vectors.get(new NDIndex(from + ":" + to));
                NDArray wide = part.toType(DataType.FLOAT64, true);
                wide.attach(scope);
                if (part != vectors) {
                    part.close();
                }
                add(scope, wide, Arrays.copyOfRange(groups, from, to));
            }
        }
    }

    private void add(NDManager scope, NDArray wide, int[] groups) {
        double[] member = new double[means.length * groups.length];
        long[] added = new long[means.length];
        for (int row = 0; row < groups.length; row++) {
            member[groups[row] * groups.length + row] = 1;
            added[groups[row]]++;
        }
        double[] sums = scope.create(member, new Shape(means.length, groups.length))
                .matMul(wide)
                .toDoubleArray();
        for (int k = 0; k < means.length; k++) {
            counts[k] += added[k];
            if (added[k] > 0) {
                double[] mean = means[k];
                for (int j = 0; j < mean.length; j++) {
                    mean[j] += (sums[k * mean.length + j] - added[k] * mean[j]) / counts[k];
                }
            }
        }
    }

    /** The number of vectors of each group so far. */
    long[] counts() {
        return counts.clone();
    }

    /** How many vectors some groups have together. */
    long count(int from, int to) {
        return Arrays.stream(counts, from, to).sum();
    }

    /** Gives each of some groups that has no vector the mean of one that has. */
    void fill(int from, int to) {
        int some = from;
        while (counts[some] == 0) {
            some++;
        }
        for (int k = from; k < to; k++) {
            if (counts[k] == 0) {
                means[k] = means[some].clone();
            }
        }
    }

    /** The mean of all vectors, d numbers. */
    float[] center() {
        double[] center = exactCenter();
        float[] rounded = new float[center.length];
        for (int j = 0; j < rounded.length; j++) {
            rounded[j] = (float) center[j];
        }
        return rounded;
    }

    private double[] exactCenter() {
        long total = Arrays.stream(counts).sum();
        double[] center = new double[means[0].length];
        for (int k = 0; k < means.length; k++) {
            for (int j = 0; j < center.length; j++) {
                center[j] += means[k][j] * counts[k] / total;
            }
        }
        return center;
    }

    /** Each group's mean less {@link #center()} as it is rounded there, K × d. */
    float[][] centered() {
        float[] center = center();
        float[][] centered = new float[means.length][center.length];
        for (int k = 0; k < means.length; k++) {
            for (int j = 0; j < center.length; j++) {
                centered[k][j] = (float) (means[k][j] - center[j]);
            }
        }
        return centered;
    }
}
