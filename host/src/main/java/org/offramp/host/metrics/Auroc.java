package org.offramp.host.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The probability that a rightly answered sample has a higher score than a wrongly answered one, ties counting half: the area under
 * the ROC curve of "right or wrong" (Mann and Whitney 1947; Hendrycks and Gimpel 2017 for its use).
 */
public final class Auroc implements Statistic {
    private final int[] order;
    private final float[] scores;
    private final boolean[] right;

    private Auroc(float[] scores, boolean[] right) {
        this.scores = scores;
        this.right = right;
        this.order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Of the given answers' scores.
     *
     * @param answers the answers
     */
    public static Auroc of(LabelledAnswers answers) {
        boolean[] right = new boolean[answers.size()];
        for (int i = 0; i < right.length; i++) {
            right[i] = answers.right(i);
        }
        return of(answers.scores(), right);
    }

    /**
     * Of scores.
     *
     * @param scores one per sample; larger is surer
     * @param right whether each sample was answered rightly
     */
    public static Auroc of(float[] scores, boolean[] right) {
        return new Auroc(scores, right);
    }

    /** The area; empty where all are right, or all wrong. */
    public OptionalDouble area() {
        int[] once = new int[scores.length];
        Arrays.fill(once, 1);
        double area = of(once);
        return Double.isNaN(area) ? OptionalDouble.empty() : OptionalDouble.of(area);
    }

    /** {@inheritDoc} NaN where all that count are right, or all wrong. */
    @Override
    public double of(int[] weights) {
        double pairs = 0;
        double wrongBelow = 0;
        double rights = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            double rightHere = 0;
            double wrongHere = 0;
            while (to < order.length && scores[order[to]] == scores[order[from]]) {
                if (right[order[to]]) {
                    rightHere += weights[order[to]];
                } else {
                    wrongHere += weights[order[to]];
                }
                to++;
            }
            pairs += rightHere * (wrongBelow + wrongHere / 2);
            wrongBelow += wrongHere;
            rights += rightHere;
            from = to;
        }
        return pairs / (rights * wrongBelow);
    }
}
