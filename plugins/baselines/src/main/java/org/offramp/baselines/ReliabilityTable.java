package org.offramp.baselines;

import org.offramp.api.FloatMatrix;

/** Accuracy by confidence: bins of equal width over 0 … 1, made monotone. */
final class ReliabilityTable {
    private static final double ROUNDING = 1e-6;

    private ReliabilityTable() {}

    /** The bin of a confidence in 0 … 1. */
    static int bin(double confidence, int bins) {
        return Math.min(bins - 1, (int) (confidence * bins));
    }

    /** The least confidence whose bin reaches an accuracy, less what rounding may move it by; 2 if none does. */
    static double leastConfidence(double[] table, double accuracy) {
        for (int bin = 0; bin < table.length; bin++) {
            if (table[bin] >= accuracy) {
                return (double) bin / table.length - ROUNDING;
            }
        }
        return 2;
    }

    /**
     * The smoothed accuracy of every bin. Each bin counts one sample more, whose accuracy is the bin's centre: what a calibrated
     * exit would have there; so an empty bin has a value. Then the values are made non-decreasing.
     *
     * @param probabilities {@code samples × K}
     * @param labels the true classes
     * @param bins the number of bins
     */
    static double[] of(FloatMatrix probabilities, int[] labels, int bins) {
        double[] right = new double[bins];
        double[] count = new double[bins];
        for (int bin = 0; bin < bins; bin++) {
            right[bin] = (bin + 0.5) / bins;
            count[bin] = 1;
        }
        for (int row = 0; row < labels.length; row++) {
            int prediction = probabilities.argMax(row);
            int bin = bin(probabilities.get(row, prediction), bins);
            right[bin] += prediction == labels[row] ? 1 : 0;
            count[bin]++;
        }
        return isotonic(right, count);
    }

    /**
     * The non-decreasing values nearest to {@code sums / weights} in weighted squares, by pooling adjacent violators (Ayer et al.
     * 1955).
     */
    static double[] isotonic(double[] sums, double[] weights) {
        double[] blockSum = new double[sums.length];
        double[] blockWeight = new double[sums.length];
        int[] blockLength = new int[sums.length];
        int blocks = 0;
        for (int i = 0; i < sums.length; i++) {
            blockSum[blocks] = sums[i];
            blockWeight[blocks] = weights[i];
            blockLength[blocks] = 1;
            blocks++;
            while (blocks > 1
                    && blockSum[blocks - 2] * blockWeight[blocks - 1]
                            >= blockSum[blocks - 1] * blockWeight[blocks - 2]) {
                blocks--;
                blockSum[blocks - 1] += blockSum[blocks];
                blockWeight[blocks - 1] += blockWeight[blocks];
                blockLength[blocks - 1] += blockLength[blocks];
            }
        }
        double[] values = new double[sums.length];
        int next = 0;
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < blockLength[block]; i++) {
                values[next++] = blockSum[block] / blockWeight[block];
            }
        }
        return values;
    }
}
