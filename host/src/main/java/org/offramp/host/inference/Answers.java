package org.offramp.host.inference;

import java.util.Arrays;
import org.offramp.api.Evidence;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/**
 * Answers to a batch, in the order of its samples.
 *
 * @param exits where each sample left, counted from 1
 * @param predictions the predicted classes
 * @param scores the policy's scores at the exit taken
 * @param probabilities the class probabilities, {@code batch × K}
 * @param logits the logits of the exit taken, {@code batch × K}
 */
public record Answers(int[] exits, int[] predictions, float[] scores, FloatMatrix probabilities, FloatMatrix logits) {
    /** The answer of one sample of a batch. */
    static Answers one(Evidence evidence, ExitScores scores, int row) {
        int[] rows = {row};
        FloatMatrix probabilities = scores.probabilities().rows(rows);
        boolean logits = evidence.has(evidence.exit(), HeadOutput.LOGITS);
        return new Answers(
                new int[] {evidence.exit()},
                new int[] {scores.prediction(row)},
                new float[] {scores.score(row)},
                probabilities,
                logits ? evidence.logits().rows(rows) : probabilities);
    }

    /** The number of samples. */
    public int size() {
        return exits.length;
    }

    /**
     * The mean MACs of a sample.
     *
     * @param cumulativeMacs the cost of leaving at exit 1 … N
     */
    public double meanMacs(long[] cumulativeMacs) {
        return Arrays.stream(exits)
                .mapToLong(exit -> cumulativeMacs[exit - 1])
                .average()
                .orElse(0);
    }
}
