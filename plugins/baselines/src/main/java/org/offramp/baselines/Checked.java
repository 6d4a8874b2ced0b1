package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Evidence that has been looked at. */
final class Checked {
    private Checked() {}

    /**
     * The logits of this exit.
     *
     * @throws IllegalArgumentException if one is NaN or infinite
     */
    static FloatMatrix logits(Evidence evidence) {
        return logits(evidence, evidence.exit());
    }

    static FloatMatrix logits(Evidence evidence, int exit) {
        FloatMatrix logits = evidence.output(exit, HeadOutput.LOGITS);
        for (int row = 0; row < logits.rows(); row++) {
            for (int column = 0; column < logits.columns(); column++) {
                if (!Float.isFinite(logits.get(row, column))) {
                    throw new IllegalArgumentException(
                            "the logits at exit " + exit + ", row " + row + " hold " + logits.get(row, column));
                }
            }
        }
        return logits;
    }

    /** The logits divided by a temperature. */
    static FloatMatrix scaled(FloatMatrix logits, double temperature) {
        float[] values = logits.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] / temperature);
        }
        return FloatMatrix.wrap(values, logits.rows(), logits.columns());
    }
}
