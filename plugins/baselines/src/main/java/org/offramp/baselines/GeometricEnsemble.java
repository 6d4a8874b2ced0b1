package org.offramp.baselines;

import java.util.Arrays;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;

/**
 * The weighted geometric mean of the class probabilities of several exits, q ∝ exp(Σ_i w_i log p_i + b).
 *
 * <p>Its parameters are one array: w_1 … w_n, none below 0, then b_1 … b_K.
 *
 * @param logs for each exit log p, {@code samples × K} row by row
 * @param samples the number of samples
 * @param classes K
 */
record GeometricEnsemble(double[][] logs, int samples, int classes) {
    private static final double PRECISION = 1e-9;
    private static final double ALIKE = 1e-9;
    private static final int ITERATIONS = 100;
    private static final int HALVED = 30;

    /** The ensemble of the evidence's exits. */
    static GeometricEnsemble of(Evidence evidence) {
        double[][] logs = new double[evidence.exit()][];
        for (int exit = 1; exit <= logs.length; exit++) {
            logs[exit - 1] = logSoftmax(Logits.finite(evidence, exit));
        }
        return new GeometricEnsemble(logs, evidence.size(), evidence.logits().columns());
    }

    private static double[] logSoftmax(FloatMatrix logits) {
        int classes = logits.columns();
        double[] logs = new double[logits.rows() * classes];
        for (int row = 0; row < logits.rows(); row++) {
            double greatest = logits.get(row, logits.argMax(row));
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                sum += Math.exp(logits.get(row, k) - greatest);
            }
            for (int k = 0; k < classes; k++) {
                logs[row * classes + k] = logits.get(row, k) - greatest - Math.log(sum);
            }
        }
        return logs;
    }

    /** q, {@code samples × K}. */
    FloatMatrix probabilities(double[] parameters) {
        float[] logits = new float[samples * classes];
        for (int row = 0; row < samples; row++) {
            double[] sums = sums(parameters, row);
            double greatest = greatest(sums);
            for (int k = 0; k < classes; k++) {
                logits[row * classes + k] = (float) (sums[k] - greatest);
            }
        }
        return FloatMatrix.wrap(logits, samples, classes).softmax();
    }

    private static double greatest(double[] values) {
        double greatest = values[0];
        for (double value : values) {
            greatest = Math.max(greatest, value);
        }
        return greatest;
    }

    /** Σ_i w_i log p_i + b of one sample. */
    private double[] sums(double[] parameters, int row) {
        double[] sums = Arrays.copyOfRange(parameters, logs.length, logs.length + classes);
        for (int i = 0; i < logs.length; i++) {
            for (int k = 0; k < classes; k++) {
                sums[k] += parameters[i] * logs[i][row * classes + k];
            }
        }
        return sums;
    }

    /**
     * The parameters of the least mean negative log-likelihood plus |b|² / (2 samples), found from equal weights and no bias on; those
     * themselves where there are no samples. An exit whose weight would be below 0 is left out, and the others are fitted again.
     *
     * @param labels the true classes
     */
    double[] fit(int[] labels) {
        boolean[] left = new boolean[logs.length];
        Arrays.fill(left, true);
        double[] found = new double[logs.length + classes];
        Arrays.fill(found, 0, logs.length, 1.0 / logs.length);
        if (samples == 0) {
            return found;
        }
        found = fit(labels, left, found);
        while (Arrays.stream(found, 0, logs.length).anyMatch(weight -> weight < 0)) {
            for (int i = 0; i < left.length; i++) {
                left[i] &= found[i] >= 0;
                found[i] = Math.max(0, found[i]);
            }
            found = fit(labels, left, found);
        }
        return found;
    }

    /** The loss is convex in weights and biases, so that there is one optimum: by Newton's method, a step halved until the loss falls. */
    private double[] fit(int[] labels, boolean[] left, double[] start) {
        double[] point = start;
        double loss = loss(point, labels);
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            double[] step = step(point, labels, left);
            double[] next = less(point, step);
            double then = loss(next, labels);
            for (int halved = 0; then > loss && halved < HALVED; halved++) {
                Arrays.setAll(step, i -> step[i] / 2);
                next = less(point, step);
                then = loss(next, labels);
            }
            if (!(loss - then > PRECISION)) {
                break;
            }
            point = next;
            loss = then;
        }
        return point;
    }

    private static double[] less(double[] point, double[] step) {
        double[] next = point.clone();
        Arrays.setAll(next, i -> point[i] - step[i]);
        return next;
    }

    /** The inverse of the loss's second derivatives, times its gradient; 0 for the weights of exits that are left out. */
    private double[] step(double[] parameters, int[] labels, boolean[] left) {
        int weights = logs.length;
        double[] gradient = new double[parameters.length];
        double[][] second = new double[parameters.length][parameters.length];
        double[] means = new double[weights];
        FloatMatrix probabilities = probabilities(parameters);
        for (int row = 0; row < samples; row++) {
            Arrays.fill(means, 0);
            for (int k = 0; k < classes; k++) {
                double q = probabilities.get(row, k);
                double error = q - (labels[row] == k ? 1 : 0);
                gradient[weights + k] += error;
                for (int i = 0; i < weights; i++) {
                    double log = logs[i][row * classes + k];
                    gradient[i] += error * log;
                    means[i] += q * log;
                }
            }
            for (int k = 0; k < classes; k++) {
                double q = probabilities.get(row, k);
                for (int i = 0; i < weights; i++) {
                    double from = q * (logs[i][row * classes + k] - means[i]);
                    second[weights + k][i] += from;
                    for (int other = 0; other <= i; other++) {
                        second[i][other] += from * logs[other][row * classes + k];
                    }
                }
                for (int other = 0; other <= k; other++) {
                    second[weights + k][weights + other] -= q * probabilities.get(row, other);
                }
                second[weights + k][weights + k] += q;
            }
        }
        for (int i = 0; i < parameters.length; i++) {
            if (i < weights && !left[i]) {
                Arrays.fill(second[i], 0);
                for (double[] each : second) {
                    each[i] = 0;
                }
                gradient[i] = 0;
            }
            // With one added to a bias's it is that of b² / 2; to a weight's, it keeps exits that say the same apart.
            second[i][i] += i < weights && left[i] ? ALIKE * samples : 1;
            gradient[i] += i < weights ? 0 : parameters[i];
            for (int other = 0; other < i; other++) {
                second[other][i] = second[i][other];
            }
        }
        return new LUDecomposition(MatrixUtils.createRealMatrix(second))
                .getSolver()
                .solve(new ArrayRealVector(gradient))
                .toArray();
    }

    /** The mean negative log-likelihood plus |b|² / (2 samples). */
    double loss(double[] parameters, int[] labels) {
        double total = 0;
        for (int k = 0; k < classes; k++) {
            total += parameters[logs.length + k] * parameters[logs.length + k] / 2;
        }
        for (int row = 0; row < samples; row++) {
            double[] sums = sums(parameters, row);
            double greatest = greatest(sums);
            double exponentials = 0;
            for (double sum : sums) {
                exponentials += Math.exp(sum - greatest);
            }
            total += Math.log(exponentials) + greatest - sums[labels[row]];
        }
        return total / samples;
    }
}
