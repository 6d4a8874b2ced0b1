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
    /** In that order: whether each is right, and whether a higher score follows. A bootstrap goes through them thousands of times. */
    private final boolean[] right;

    private final boolean[] lastOfItsScore;

    private Auroc(float[] scores, boolean[] right) {
        this.order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        this.right = new boolean[order.length];
        this.lastOfItsScore = new boolean[order.length];
        for (int i = 0; i < order.length; i++) {
            this.right[i] = right[order[i]];
            lastOfItsScore[i] = i + 1 == order.length || scores[order[i]] != scores[order[i + 1]];
        }
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
        int[] once = new int[order.length];
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
        double rightHere = 0;
        double wrongHere = 0;
        for (int i = 0; i < order.length; i++) {
            if (right[i]) {
                rightHere += weights[order[i]];
            } else {
                wrongHere += weights[order[i]];
            }
            if (lastOfItsScore[i]) {
                pairs += rightHere * (wrongBelow + wrongHere / 2);
                wrongBelow += wrongHere;
                rights += rightHere;
                rightHere = 0;
                wrongHere = 0;
            }
        }
        return pairs / (rights * wrongBelow);
    }
}
