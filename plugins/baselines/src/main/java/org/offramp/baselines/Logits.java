package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Reads logits from evidence and refuses those that are not finite. */
final class Logits {
    private Logits() {}

    /**
     * The logits of one exit, {@code batch × K}.
     *
     * @throws IllegalArgumentException if one is NaN or infinite; the message names the exit and the row
     */
    static FloatMatrix finite(Evidence evidence, int exit) {
        FloatMatrix logits = evidence.output(exit, HeadOutput.LOGITS);
        float[] values = logits.toArray();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "exit " + exit + ", row " + i / logits.columns() + ": the logit of class "
                                + i % logits.columns() + " is " + values[i] + "; allowed are finite numbers");
            }
        }
        return logits;
    }

    /** The logits of the exit to be decided. */
    static FloatMatrix finite(Evidence evidence) {
        return finite(evidence, evidence.exit());
    }

    /**
     * The softmax of logits divided by a temperature, {@code batch × K}. The row's greatest logit is taken away before the
     * division, so that a small temperature cannot overflow.
     */
    static FloatMatrix softmax(FloatMatrix logits, double temperature) {
        float[] scaled = logits.toArray();
        for (int row = 0; row < logits.rows(); row++) {
            float greatest = logits.get(row, logits.argMax(row));
            for (int i = row * logits.columns(); i < (row + 1) * logits.columns(); i++) {
                scaled[i] = (float) (((double) scaled[i] - greatest) / temperature);
            }
        }
        return FloatMatrix.wrap(scaled, logits.rows(), logits.columns()).softmax();
    }

    /** The scores of max softmax(z / T). */
    static ExitScores maxProbability(FloatMatrix logits, double temperature) {
        FloatMatrix probabilities = softmax(logits, temperature);
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    }
}
