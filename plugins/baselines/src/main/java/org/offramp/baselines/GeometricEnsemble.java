package org.offramp.baselines;

import java.util.Arrays;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleValueChecker;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunctionGradient;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer.Formula;
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
    private static final double PRECISION = 1e-8;
    private static final int EVALUATIONS = 10_000;

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
        double[] found = fit(labels, left);
        while (Arrays.stream(found, 0, logs.length).anyMatch(weight -> weight < 0)) {
            for (int i = 0; i < left.length; i++) {
                left[i] &= found[i] >= 0;
            }
            found = fit(labels, left);
        }
        return found;
    }

    /** The likelihood is concave in weights and biases, so that there is one optimum. */
    private double[] fit(int[] labels, boolean[] left) {
        double[] start = new double[logs.length + classes];
        for (int i = 0; i < left.length; i++) {
            start[i] = left[i] ? 1.0 / logs.length : 0;
        }
        if (samples == 0) {
            return start;
        }
        return new NonLinearConjugateGradientOptimizer(
                        Formula.POLAK_RIBIERE, new SimpleValueChecker(PRECISION, PRECISION), PRECISION, PRECISION, 1)
                .optimize(
                        GoalType.MINIMIZE,
                        new MaxEval(EVALUATIONS),
                        new InitialGuess(start),
                        new ObjectiveFunction(point -> loss(point, labels)),
                        new ObjectiveFunctionGradient(point -> gradient(point, labels, left)))
                .getPoint();
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

    /** The gradient of {@link #loss}, 0 for the weights of exits that are left out. */
    private double[] gradient(double[] parameters, int[] labels, boolean[] left) {
        double[] gradient = new double[parameters.length];
        System.arraycopy(parameters, logs.length, gradient, logs.length, classes);
        FloatMatrix probabilities = probabilities(parameters);
        for (int row = 0; row < samples; row++) {
            for (int k = 0; k < classes; k++) {
                double error = probabilities.get(row, k) - (labels[row] == k ? 1 : 0);
                gradient[logs.length + k] += error;
                for (int i = 0; i < logs.length; i++) {
                    gradient[i] += left[i] ? error * logs[i][row * classes + k] : 0;
                }
            }
        }
        return Arrays.stream(gradient).map(sum -> sum / samples).toArray();
    }
}
