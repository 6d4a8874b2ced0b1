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
     * The least difference between an exit's two greatest logits with which a score can reach a threshold: where a sample has less, it
     * surely stays, and the host takes a batch of one past the exit without asking. The default says that nothing is known. A policy
     * that scores by the logits of the exit gains speed by it, and the same answers.
     *
     * @param exit the exit, {@code 1 … N − 1}
     * @param threshold a finite threshold; the host asks with one that is lower by a millionth of it, or of 1, so that a score's rounding
     *     to single precision need not be thought of
     * @return a difference; {@link Double#NEGATIVE_INFINITY} if nothing is known, {@link Double#POSITIVE_INFINITY} if no score reaches it
     */
    default double leastLogitMargin(int exit, double threshold) {
        return Double.NEGATIVE_INFINITY;
    }
}
