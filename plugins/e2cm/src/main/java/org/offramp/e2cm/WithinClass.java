package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The covariance of vectors about their groups' means, in double precision and in the same pass as the means: a batch adds Σ δ δᵀ − D Dᵀ / N to
 * a group's sum, δ its vectors' deviations from the group's mean so far, D their sum, N the group's count with them (Chan, Golub and LeVeque 1983,
 * "Algorithms for computing the sample variance", equation 1.5).
 */
final class WithinClass {
    private static final long PART_BYTES = 64L << 20;

    private final Covariance kind;
    private final double[][] means;
    private final long[] counts;
    private final double[] sums;

    /**
     * Nothing added up yet.
     *
     * @param kind which part of the covariance
     * @param groups how many groups there are
     * @param width d
     */
    WithinClass(Covariance kind, int groups, int width) {
        this.kind = kind;
        this.means = new double[groups][width];
        this.counts = new long[groups];
        this.sums = new double[Math.toIntExact(kind.size(width))];
    }

    /**
     * Takes a batch in.
     *
     * @param vectors {@code (batch, d)}
     * @param groups the group of each
     */
    void add(NDArray vectors, int[] groups) {
        int rows = (int) Math.max(1, Math.min(groups.length, PART_BYTES / (Double.BYTES * (long) means[0].length)));
        for (int from = 0; from < groups.length; from += rows) {
            int to = Math.min(groups.length, from + rows);
            try (NDArray part = vectors.get(new NDIndex(from + ":" + to))) {
                addPart(part, Arrays.copyOfRange(groups, from, to));
            }
        }
    }

    private void addPart(NDArray vectors, int[] groups) {
        int width = means[0].length;
        float[] values = vectors.toFloatArray();
        double[] deviations = new double[values.length];
        double[] summed = new double[means.length * width];
        for (int row = 0; row < groups.length; row++) {
            int group = groups[row];
            double[] mean = means[group];
            if (counts[group]++ == 0) {
                for (int j = 0; j < width; j++) {
                    mean[j] = values[row * width + j];
                }
            }
            for (int j = 0; j < width; j++) {
                double deviation = values[row * width + j] - mean[j];
                deviations[row * width + j] = deviation;
                summed[group * width + j] += deviation;
            }
        }
        double[] corrections = new double[summed.length];
        for (int group = 0; group < means.length; group++) {
            for (int j = 0; j < width && counts[group] > 0; j++) {
                means[group][j] += summed[group * width + j] / counts[group];
                corrections[group * width + j] = summed[group * width + j] / Math.sqrt((double) counts[group]);
            }
        }
        try (NDManager scope = vectors.getManager().newSubManager()) {
            add(squares(scope.create(deviations, new Shape(groups.length, width))), 1);
            add(squares(scope.create(corrections, new Shape(means.length, width))), -1);
        }
    }

    /** Σ δ δᵀ over the rows, or its diagonal. */
    private double[] squares(NDArray rows) {
        return kind == Covariance.FULL
                ? rows.transpose().matMul(rows).toDoubleArray()
                : rows.square().sum(new int[] {0}).toDoubleArray();
    }

    private void add(double[] products, int sign) {
        for (int i = 0; i < products.length; i++) {
            sums[i] += sign * products[i];
        }
    }

    /**
     * The whitening of what was added up.
     *
     * @param shrinkage the share of the covariance that its mean variance takes the place of
     */
    Whitening whitening(double shrinkage) {
        int width = means[0].length;
        long count = Arrays.stream(counts).sum();
        if (kind == Covariance.DIAGONAL) {
            double[] variances = new double[width];
            for (int j = 0; j < width; j++) {
                variances[j] = sums[j] / count;
            }
            return Whitening.diagonal(variances, shrinkage);
        }
        double[][] covariance = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                covariance[i][j] = sums[i * width + j] / count;
            }
        }
        return Whitening.full(covariance, shrinkage);
    }
}
