package org.offramp.host.metrics;

import java.util.stream.IntStream;

/**
 * How often each class was taken for each: figures for data whose classes are not equally frequent.
 *
 * @param counts {@code [true class][predicted class]}
 */
public record Confusion(int[][] counts) {
    /**
     * Of the given answers.
     *
     * @param labels the true classes
     * @param predictions the predicted classes
     */
    public static Confusion of(int[] labels, int[] predictions) {
        int classes = 1
                + Math.max(
                        IntStream.of(labels).max().orElse(-1),
                        IntStream.of(predictions).max().orElse(-1));
        int[][] counts = new int[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][predictions[i]]++;
        }
        return new Confusion(counts);
    }

    private int labelled(int index) {
        return IntStream.of(counts[index]).sum();
    }

    private int predicted(int index) {
        return IntStream.range(0, counts.length).map(row -> counts[row][index]).sum();
    }

    /** The mean over the classes that occur, in labels or predictions, of F1 = 2·hits / (labelled + predicted); 0 for no samples. */
    public double macroF1() {
        return IntStream.range(0, counts.length)
                .filter(index -> labelled(index) + predicted(index) > 0)
                .mapToDouble(index -> 2.0 * counts[index][index] / (labelled(index) + predicted(index)))
                .average()
                .orElse(0);
    }

    /** The mean recall of the classes that have samples; 0 for no samples. */
    public double balancedAccuracy() {
        return IntStream.range(0, counts.length)
                .filter(index -> labelled(index) > 0)
                .mapToDouble(index -> counts[index][index] / (double) labelled(index))
                .average()
                .orElse(0);
    }

    /** Cohen's kappa (1960): (accuracy − expected) / (1 − expected); 0 where one class is all there is. */
    public double kappa() {
        double all = IntStream.range(0, counts.length).map(this::labelled).sum();
        double agree = 0;
        double expected = 0;
        for (int index = 0; index < counts.length; index++) {
            agree += counts[index][index] / all;
            expected += labelled(index) / all * (predicted(index) / all);
        }
        return expected < 1 ? (agree - expected) / (1 - expected) : 0;
    }
}
