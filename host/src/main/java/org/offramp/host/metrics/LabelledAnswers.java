package org.offramp.host.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers to samples whose true classes are known: of one exit, or of a strategy, each sample's at the exit it took.
 *
 * @param labels the true classes
 * @param predictions the predicted classes
 * @param scores the policy's scores; larger is surer
 * @param confidences the probabilities of the predicted classes
 * @param labelProbabilities the probabilities of the true classes
 * @param brier each sample's Brier score, Σ over classes of (probability − [class is true])², 0 … 2
 */
public record LabelledAnswers(
        int[] labels,
        int[] predictions,
        float[] scores,
        float[] confidences,
        float[] labelProbabilities,
        float[] brier) {
    /** Checks the sizes. */
    public LabelledAnswers {
        int size = labels.length;
        if (predictions.length != size
                || scores.length != size
                || confidences.length != size
                || labelProbabilities.length != size
                || brier.length != size) {
            throw new IllegalArgumentException(size + " labels, " + predictions.length + " predictions, "
                    + scores.length + " scores, " + confidences.length + " confidences, " + labelProbabilities.length
                    + " probabilities of the label, " + brier.length + " Brier scores");
        }
    }

    /** The number of samples. */
    public int size() {
        return labels.length;
    }

    /**
     * Whether a sample was answered rightly.
     *
     * @param sample {@code 0 … size() - 1}
     */
    public boolean right(int sample) {
        return predictions[sample] == labels[sample];
    }

    /**
     * The answers to some of the samples, in the given order.
     *
     * @param samples their numbers
     */
    public LabelledAnswers rows(int[] samples) {
        LabelledAnswers chosen = empty(samples.length);
        for (int i = 0; i < samples.length; i++) {
            chosen.set(i, this, samples[i]);
        }
        return chosen;
    }

    /**
     * Every sample's answer at the exit it took.
     *
     * @param exits the answers of exit 1 … N to the same samples
     * @param taken the exit of each sample, counted from 1
     */
    public static LabelledAnswers taken(List<LabelledAnswers> exits, int[] taken) {
        LabelledAnswers chosen = empty(taken.length);
        IntStream.range(0, taken.length).forEach(i -> chosen.set(i, exits.get(taken[i] - 1), i));
        return chosen;
    }

    private static LabelledAnswers empty(int size) {
        return new LabelledAnswers(
                new int[size], new int[size], new float[size], new float[size], new float[size], new float[size]);
    }

    private void set(int at, LabelledAnswers from, int sample) {
        labels[at] = from.labels[sample];
        predictions[at] = from.predictions[sample];
        scores[at] = from.scores[sample];
        confidences[at] = from.confidences[sample];
        labelProbabilities[at] = from.labelProbabilities[sample];
        brier[at] = from.brier[sample];
    }
}
