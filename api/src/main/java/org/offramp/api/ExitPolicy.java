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
}
