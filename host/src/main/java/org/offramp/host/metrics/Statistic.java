package org.offramp.host.metrics;

/** A figure of a split in which each sample may count several times or not at all: what a bootstrap resamples. */
public interface Statistic {
    /**
     * The figure.
     *
     * @param weights how often each sample counts
     * @return the figure; NaN where it is not defined
     */
    double of(int[] weights);
}
