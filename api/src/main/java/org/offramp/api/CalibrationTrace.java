package org.offramp.api;

/**
 * The evidence of every exit for every calibration sample, computed without leaving early, with the labels: what a policy is
 * fitted on. Samples of the test split are never in it.
 *
 * @param evidence the evidence at the last exit, so that every exit's outputs are in it
 * @param labels the true classes, {@code evidence.size()} of them
 * @param cumulativeMacs for exit 1 … N the MACs of a sample that leaves there, heads included
 */
public record CalibrationTrace(Evidence evidence, int[] labels, long[] cumulativeMacs) {
    /** Copies the arrays and checks the sizes. */
    public CalibrationTrace {
        if (labels.length != evidence.size() || cumulativeMacs.length != evidence.exits()) {
            throw new IllegalArgumentException(labels.length + " labels for " + evidence.size() + " samples, "
                    + cumulativeMacs.length + " costs for " + evidence.exits() + " exits");
        }
        labels = labels.clone();
        cumulativeMacs = cumulativeMacs.clone();
    }

    /** A copy of the labels. */
    @Override
    public int[] labels() {
        return labels.clone();
    }

    /** A copy of the costs. */
    @Override
    public long[] cumulativeMacs() {
        return cumulativeMacs.clone();
    }

    /** The number of samples. */
    public int size() {
        return labels.length;
    }
}
