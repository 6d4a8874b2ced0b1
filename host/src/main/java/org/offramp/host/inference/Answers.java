package org.offramp.host.inference;

import java.util.Arrays;
import org.offramp.api.FloatMatrix;

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
