package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Adds up the covariance of vectors about their groups' means, in double precision. */
final class WithinClass {
    private static final long PART_BYTES = 64L << 20;

    private final Covariance kind;
    private final double[][] means;
    private final double[] sums;
    private long count;

    /**
     * Nothing added up yet.
     *
     * @param kind which part of the covariance
     * @param means the groups' means
     */
    WithinClass(Covariance kind, double[][] means) {
        this.kind = kind;
        this.means = means;
        this.sums = new double[Math.toIntExact(kind.size(means[0].length))];
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
        double[] residuals = new double[kind == Covariance.FULL ? values.length : 0];
        for (int row = 0; row < groups.length; row++) {
            double[] mean = means[groups[row]];
            for (int j = 0; j < width; j++) {
                double residual = values[row * width + j] - mean[j];
                if (kind == Covariance.FULL) {
                    residuals[row * width + j] = residual;
                } else {
                    sums[j] += residual * residual;
                }
            }
        }
        if (kind == Covariance.FULL) {
            try (NDManager scope = vectors.getManager().newSubManager()) {
                NDArray about = scope.create(residuals, new Shape(groups.length, width));
                double[] products = about.transpose().matMul(about).toDoubleArray();
                for (int i = 0; i < products.length; i++) {
                    sums[i] += products[i];
                }
            }
        }
        count += groups.length;
    }

    /**
     * The whitening of what was added up.
     *
     * @param shrinkage the share of the covariance that its mean variance takes the place of
     */
    Whitening whitening(double shrinkage) {
        int width = means[0].length;
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
