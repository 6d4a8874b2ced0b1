package org.offramp.host.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * How confidence and accuracy agree: bins of equal width over the confidence, bin b of B holding (b/B, (b+1)/B], and 0 in the first
 * (Guo et al. 2017, equation 2).
 *
 * @param bins the bins, lowest confidence first; empty ones included
 */
public record Reliability(List<Bin> bins) {
    /** The number of bins. */
    static final int BINS = 15;

    /**
     * One bin.
     *
     * @param samples how many are in it
     * @param confidence their mean confidence; 0 for none
     * @param accuracy the fraction of them that is right; 0 for none
     */
    public record Bin(int samples, double confidence, double accuracy) {}

    static Reliability of(LabelledAnswers answers) {
        int[] count = new int[BINS];
        double[] confidence = new double[BINS];
        int[] right = new int[BINS];
        for (int i = 0; i < answers.size(); i++) {
            int bin = bin(answers.confidences()[i]);
            count[bin]++;
            confidence[bin] += answers.confidences()[i];
            right[bin] += answers.right(i) ? 1 : 0;
        }
        List<Bin> bins = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            double samples = Math.max(1, count[bin]);
            bins.add(new Bin(count[bin], confidence[bin] / samples, right[bin] / samples));
        }
        return new Reliability(bins);
    }

    private static int bin(float confidence) {
        return Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
    }

    /** The expected calibration error: Σ over bins of samples/n · |accuracy − confidence|; 0 for no samples. */
    double ece() {
        int all = bins.stream().mapToInt(Bin::samples).sum();
        return bins.stream()
                .mapToDouble(bin -> bin.samples() * Math.abs(bin.accuracy() - bin.confidence()) / Math.max(1, all))
                .sum();
    }
}
