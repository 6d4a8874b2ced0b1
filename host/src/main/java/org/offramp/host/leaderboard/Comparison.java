package org.offramp.host.leaderboard;

import org.jspecify.annotations.Nullable;

/**
 * Two strategies on the same test samples.
 *
 * @param measure what is compared
 * @param lowerIsBetter whether less of it is better
 * @param first the one
 * @param second the other
 * @param seeds the seeds that both have
 * @param samples test samples
 * @param firstValue the mean over the seeds
 * @param secondValue the same of the other
 * @param difference the first less the second
 * @param low the lower bound of the difference's 95 % interval, by paired bootstrap
 * @param high its upper bound
 * @param p the p-value of no difference, by paired bootstrap
 * @param holm the same, corrected by Holm for all pairs of the measure
 * @param mcnemar McNemar's test, for accuracy only
 */
record Comparison(
        String measure,
        boolean lowerIsBetter,
        String first,
        String second,
        int seeds,
        int samples,
        double firstValue,
        double secondValue,
        double difference,
        double low,
        double high,
        double p,
        double holm,
        @Nullable McNemar mcnemar) {
    private static final double LEVEL = 0.05;

    /**
     * The samples that one of two answered rightly more often over the seeds than the other.
     *
     * @param onlyFirst those for the first
     * @param onlySecond those for the second
     * @param p the exact two-sided p-value
     * @param holm the same, corrected by Holm for all pairs
     */
    record McNemar(int onlyFirst, int onlySecond, double p, double holm) {}

    boolean significant() {
        return holm < LEVEL;
    }

    /** Whether a strategy is significantly better than another by this comparison. */
    boolean better(String name, String than) {
        boolean firstBetter = lowerIsBetter ? difference < 0 : difference > 0;
        return significant()
                && (firstBetter ? first : second).equals(name)
                && (firstBetter ? second : first).equals(than);
    }
}
