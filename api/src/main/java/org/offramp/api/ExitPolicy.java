package org.offramp.api;

/**
 * Decides who leaves: a pure function from evidence to a score and a prediction per sample. A sample leaves at the first
 * exit whose score reaches ({@code >=}) that exit's threshold; the last exit always answers.
 *
 * <p>An implementation is thread-safe and has no state that a call changes; a row's result depends on that row alone; a
 * batch of 0 gives a result of 0 rows.
 */
@FunctionalInterface
public interface ExitPolicy {
    /**
     * Scores a batch at one exit.
     *
     * @param evidence the outputs of this exit and of the earlier ones
     * @return a score, a prediction and class probabilities per sample
     */
    ExitScores score(Evidence evidence);

    /**
     * What the logits z of an exit must give for a score to reach a threshold: a sample that gives less surely stays, and the host takes a
     * batch of one past the exit without asking. The default says that nothing is known. A policy that scores by the exit's logits gains
     * speed by it, and the same answers.
     *
     * @param exit the exit, {@code 1 … N − 1}
     * @param threshold a finite threshold; the host asks with one that is lower by {@link Need#ROUNDING} of it, or of 1, so that a score's
     *     rounding to single precision need not be thought of
     */
    default Need need(int exit, double threshold) {
        return Need.UNKNOWN;
    }

    /**
     * That the greatest class probability, of softmax(z / temperature), is at least so much.
     *
     * @param temperature divides the logits, above 0
     * @param probability 0 or less where every sample may leave, above 1 where none does
     */
    record Need(double temperature, double probability) {
        /** A millionth: more than a score's rounding to single precision. */
        public static final double ROUNDING = 1e-6;

        /** Every sample may leave. */
        public static final Need UNKNOWN = new Need(1, 0);

        /** Checks the temperature. */
        public Need {
            if (!(temperature > 0)) {
                throw new IllegalArgumentException("a temperature of " + temperature + "; allowed is a number > 0");
            }
        }
    }
}
