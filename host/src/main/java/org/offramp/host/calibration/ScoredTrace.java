package org.offramp.host.calibration;

/**
 * What a policy says at every exit of every sample of a split: all that is needed to simulate any thresholds.
 *
 * @param labels the true classes, one per sample
 * @param scores {@code [exit - 1][sample]}; a sample leaves at the first exit whose score is {@code >=} its threshold
 * @param predictions {@code [exit - 1][sample]}
 * @param cumulativeMacs {@code [exit - 1]} the MACs of a sample that leaves there, evaluated heads included
 * @param backboneMacs the MACs of the plain backbone, without early heads
 */
public record ScoredTrace(
        int[] labels, float[][] scores, int[][] predictions, long[] cumulativeMacs, long backboneMacs) {
    /** Checks the sizes. */
    public ScoredTrace {
        if (scores.length != cumulativeMacs.length || predictions.length != cumulativeMacs.length) {
            throw new IllegalArgumentException(scores.length + " rows of scores, " + predictions.length
                    + " of predictions for " + cumulativeMacs.length + " exits");
        }
    }

    /** The number of exits N, the last one included. */
    public int exits() {
        return cumulativeMacs.length;
    }

    /** The number of samples. */
    public int size() {
        return labels.length;
    }

    /**
     * The exit, counted from 1, at which each sample leaves.
     *
     * @param thresholds one per early exit, {@code exits() - 1} of them
     */
    public int[] exitsAt(double[] thresholds) {
        if (thresholds.length != exits() - 1) {
            throw new IllegalArgumentException(thresholds.length + " thresholds for " + (exits() - 1) + " early exits");
        }
        return exitsAt(scores, thresholds, size());
    }

    /**
     * The exit, counted from 1, at which each sample leaves; the one behind the last threshold where it leaves at none.
     *
     * @param scores {@code [exit - 1][sample]}, at least as many rows as thresholds
     * @param thresholds one per early exit
     * @param samples how many samples there are
     */
    public static int[] exitsAt(float[][] scores, double[] thresholds, int samples) {
        int[] taken = new int[samples];
        for (int sample = 0; sample < samples; sample++) {
            int exit = 1;
            while (exit <= thresholds.length && !(scores[exit - 1][sample] >= thresholds[exit - 1])) {
                exit++;
            }
            taken[sample] = exit;
        }
        return taken;
    }
}
