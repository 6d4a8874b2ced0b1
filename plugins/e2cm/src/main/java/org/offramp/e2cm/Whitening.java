package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * What a vector is multiplied by so that its pooled within-class covariance becomes the identity: nothing, one number for each value, or a
 * matrix. With S = (1 − α) Σ + α v I, v the mean of Σ's diagonal, the matrix is W = L⁻ᵀ of S = L Lᵀ, and ‖x W‖² = x S⁻¹ xᵀ.
 *
 * @param values none, d numbers, or d × d row by row
 */
record Whitening(float[] values) {
    /** Euclidean distances, the paper's. */
    static final Whitening NONE = new Whitening(new float[0]);

    boolean isNone() {
        return values.length == 0;
    }

    /** The shape of the values for vectors of a width. */
    Shape shape(int width) {
        return values.length == width ? new Shape(width) : new Shape(width, width);
    }

    /** Multiplies a batch of vectors by the values as the engine holds them. */
    NDArray of(NDArray x, NDArray held) {
        return held.getShape().dimension() == 1 ? x.mul(held) : x.matMul(held);
    }

    /** Multiplies one vector. */
    float[] of(float[] x) {
        int width = x.length;
        if (isNone()) {
            return x;
        }
        float[] product = new float[width];
        for (int j = 0; j < width; j++) {
            if (values.length == width) {
                product[j] = x[j] * values[j];
                continue;
            }
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += (double) x[i] * values[i * width + j];
            }
            product[j] = (float) sum;
        }
        return product;
    }

    /**
     * From the variances of the values.
     *
     * @param variances Σ's diagonal
     * @param shrinkage α
     */
    static Whitening diagonal(double[] variances, double shrinkage) {
        double mean = mean(variances);
        float[] values = new float[variances.length];
        for (int j = 0; j < values.length; j++) {
            values[j] = (float) (1 / Math.sqrt((1 - shrinkage) * variances[j] + shrinkage * mean));
        }
        return new Whitening(values);
    }

    /**
     * From the whole covariance, by Cholesky's factorisation.
     *
     * @param covariance Σ, d × d
     * @param shrinkage α, above 0 so that S can be factored
     */
    static Whitening full(double[][] covariance, double shrinkage) {
        int width = covariance.length;
        double[] variances = new double[width];
        for (int j = 0; j < width; j++) {
            variances[j] = covariance[j][j];
        }
        double mean = mean(variances);
        double[][] lower = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = (1 - shrinkage) * covariance[i][j] + (i == j ? shrinkage * mean : 0);
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
        // Row c of W = L⁻ᵀ is column c of L⁻¹: L y = e_c, from row c on.
        float[] values = new float[width * width];
        double[] solved = new double[width];
        for (int c = 0; c < width; c++) {
            for (int i = c; i < width; i++) {
                double sum = i == c ? 1 : 0;
                for (int k = c; k < i; k++) {
                    sum -= lower[i][k] * solved[k];
                }
                solved[i] = sum / lower[i][i];
                values[c * width + i] = (float) solved[i];
            }
        }
        return new Whitening(values);
    }

    /** The mean variance; 1 where nothing varies, so that nothing is divided by 0. */
    private static double mean(double[] variances) {
        double sum = 0;
        for (double variance : variances) {
            sum += variance;
        }
        return sum > 0 ? sum / variances.length : 1;
    }
}
