package org.offramp.commitment;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Confidence and gate thresholds (τ, κ) calibrated together: a staircase that lowers one of the two at a time, from "nobody leaves" to
 * "everybody leaves", along which the samples that leave meet the fewest errors. A sample's score is the accuracy of the samples that leave
 * at its step, made monotone, so that one threshold on the score chooses both and means the same at every exit.
 *
 * <p>The thresholds lie on a grid of quantiles. N(i, j) and E(i, j), the samples and errors with confidence ≥ τ_i and gate ≥ κ_j, are
 * cumulative sums of a two-dimensional histogram, and the staircase with the least Σ E · ΔN (the area under errors over coverage) is found
 * by dynamic programming: O(samples + grid²), never pairs times samples.
 */
final class ThresholdPath {
    private static final int GRID = 48;

    private static final double TIE_BREAK = 1e-3;

    private final double[] confidence;
    private final double[] gate;
    private final double[] value;

    /**
     * A staircase.
     *
     * @param confidence τ of every step, descending
     * @param gate κ of every step, descending
     * @param value the score of every step, descending
     */
    ThresholdPath(double[] confidence, double[] gate, double[] value) {
        this.confidence = confidence;
        this.gate = gate;
        this.value = value;
    }

    double[] value() {
        return value;
    }

    double[] confidence() {
        return confidence;
    }

    double[] gate() {
        return gate;
    }

    /**
     * The best staircase for samples of one exit.
     *
     * @param confidences the confidence of each sample
     * @param gates the gate of each sample
     * @param right whether the exit's answer is right
     */
    static ThresholdPath fit(double[] confidences, double[] gates, boolean[] right) {
        double[] taus = quantiles(confidences);
        double[] kappas = quantiles(gates);
        long[][] count = new long[taus.length][kappas.length];
        long[][] errors = new long[taus.length][kappas.length];
        for (int sample = 0; sample < right.length; sample++) {
            int i = first(taus, confidences[sample]);
            int j = first(kappas, gates[sample]);
            count[i][j]++;
            errors[i][j] += right[sample] ? 0 : 1;
        }
        cumulate(count);
        cumulate(errors);
        return best(taus, kappas, count, errors);
    }

    /** Descending quantiles, each once; the last one is below every value. */
    private static double[] quantiles(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] chosen = IntStream.range(0, sorted.length == 0 ? 0 : GRID)
                .mapToDouble(step -> sorted[sorted.length - 1 - (int) ((long) step * (sorted.length - 1) / (GRID - 1))])
                .distinct()
                .toArray();
        double[] all = Arrays.copyOf(chosen, chosen.length + 1);
        all[chosen.length] = Double.NEGATIVE_INFINITY;
        return all;
    }

    /** The first threshold that a value reaches. */
    private static int first(double[] descending, double value) {
        int low = 0;
        int high = descending.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (value >= descending[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static void cumulate(long[][] cells) {
        for (int i = 0; i < cells.length; i++) {
            for (int j = 0; j < cells[i].length; j++) {
                long above = i > 0 ? cells[i - 1][j] : 0;
                long left = j > 0 ? cells[i][j - 1] : 0;
                long both = i > 0 && j > 0 ? cells[i - 1][j - 1] : 0;
                cells[i][j] += above + left - both;
            }
        }
    }

    private static ThresholdPath best(double[] taus, double[] kappas, long[][] count, long[][] errors) {
        double[][] area = new double[taus.length][kappas.length];
        boolean[][] byConfidence = new boolean[taus.length][kappas.length];
        for (int i = 0; i < taus.length; i++) {
            for (int j = 0; j < kappas.length; j++) {
                double lowerTau = i == 0 ? Double.POSITIVE_INFINITY : after(area, count, errors, i, j, i - 1, j);
                double lowerKappa = j == 0 ? Double.POSITIVE_INFINITY : after(area, count, errors, i, j, i, j - 1);
                boolean start = i == 0 && j == 0;
                byConfidence[i][j] = lowerTau <= lowerKappa;
                area[i][j] = start ? (double) errors[0][0] * count[0][0] : Math.min(lowerTau, lowerKappa);
            }
        }
        int steps = taus.length + kappas.length - 1;
        double[] confidence = new double[steps];
        double[] gate = new double[steps];
        long[] reached = new long[steps];
        long[] wrong = new long[steps];
        int i = taus.length - 1;
        int j = kappas.length - 1;
        for (int step = steps - 1; step >= 0; step--) {
            confidence[step] = taus[i];
            gate[step] = kappas[j];
            reached[step] = count[i][j];
            wrong[step] = errors[i][j];
            if (byConfidence[i][j]) {
                i = Math.max(0, i - 1);
            } else {
                j = Math.max(0, j - 1);
            }
        }
        return new ThresholdPath(confidence, gate, accuracies(reached, wrong));
    }

    /**
     * The accuracy of the samples that each step adds, made to descend by pooling neighbours that rise (isotonic regression); steps of one
     * pool differ by a little, so that their order stays.
     */
    private static double[] accuracies(long[] reached, long[] wrong) {
        int steps = reached.length;
        double[] right = new double[steps];
        double[] added = new double[steps];
        int[] length = new int[steps];
        int pools = 0;
        for (int step = 0; step < steps; step++) {
            long samples = reached[step] - (step == 0 ? 0 : reached[step - 1]);
            // One sample more, half right: a step that adds nobody does not decide alone.
            added[pools] = samples + 1;
            right[pools] = samples - (wrong[step] - (step == 0 ? 0 : wrong[step - 1])) + 0.5;
            length[pools++] = 1;
            while (pools > 1 && right[pools - 1] * added[pools - 2] >= right[pools - 2] * added[pools - 1]) {
                pools--;
                added[pools - 1] += added[pools];
                right[pools - 1] += right[pools];
                length[pools - 1] += length[pools];
            }
        }
        double[] values = new double[steps];
        for (int pool = 0, step = 0; pool < pools; pool++) {
            for (int end = step + length[pool]; step < end; step++) {
                values[step] = (1 - TIE_BREAK) * right[pool] / added[pool] + TIE_BREAK * (1 - (double) step / steps);
            }
        }
        return values;
    }

    private static double after(double[][] area, long[][] count, long[][] errors, int i, int j, int fromI, int fromJ) {
        return area[fromI][fromJ] + (double) errors[i][j] * (count[i][j] - count[fromI][fromJ]);
    }

    /**
     * A sample's score: the value of the first step whose two thresholds it reaches, 0 … 1; larger is surer.
     *
     * @param sure the exit's confidence
     * @param committed the gate
     */
    double score(double sure, double committed) {
        // Thresholds descend, so that the steps which a sample reaches are all from the first one on.
        int low = 0;
        int high = confidence.length - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (sure >= confidence[middle] && committed >= gate[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return value[low];
    }
}
