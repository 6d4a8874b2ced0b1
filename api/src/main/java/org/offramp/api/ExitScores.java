package org.offramp.api;

/** What a policy says of a batch at one exit: a score, a prediction and class probabilities per sample. */
public final class ExitScores {
    private final float[] scores;
    private final int[] predictions;
    private final FloatMatrix probabilities;

    /**
     * Scores with given predictions.
     *
     * @param scores one per sample, larger is surer; neither NaN nor infinite is allowed by the host
     * @param predictions one class per sample
     * @param probabilities {@code batch × K}, each row sums to 1
     * @throws IllegalArgumentException if the sizes do not agree
     */
    public ExitScores(float[] scores, int[] predictions, FloatMatrix probabilities) {
        if (scores.length != predictions.length || scores.length != probabilities.rows()) {
            throw new IllegalArgumentException(scores.length + " scores, " + predictions.length + " predictions, "
                    + probabilities.rows() + " rows of probabilities");
        }
        this.scores = scores.clone();
        this.predictions = predictions.clone();
        this.probabilities = probabilities;
    }

    /**
     * Scores whose predictions are the most probable classes.
     *
     * @param probabilities {@code batch × K}, each row sums to 1
     * @param score gives the score of a row
     */
    public static ExitScores ofProbabilities(FloatMatrix probabilities, RowScore score) {
        float[] scores = new float[probabilities.rows()];
        int[] predictions = new int[probabilities.rows()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = (float) score.of(row);
            predictions[row] = probabilities.argMax(row);
        }
        return new ExitScores(scores, predictions, probabilities);
    }

    /** The number of samples. */
    public int size() {
        return scores.length;
    }

    /**
     * A sample's score; larger is surer.
     *
     * @param row {@code 0 … size() - 1}
     */
    public float score(int row) {
        return scores[row];
    }

    /**
     * A sample's predicted class.
     *
     * @param row {@code 0 … size() - 1}
     */
    public int prediction(int row) {
        return predictions[row];
    }

    /** The class probabilities, {@code batch × K}. */
    public FloatMatrix probabilities() {
        return probabilities;
    }

    /** Gives the score of one row. */
    @FunctionalInterface
    public interface RowScore {
        /**
         * The score; larger is surer.
         *
         * @param row the row's number
         */
        double of(int row);
    }
}
