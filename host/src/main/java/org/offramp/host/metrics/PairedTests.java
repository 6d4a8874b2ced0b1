package org.offramp.host.metrics;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.BinomialDistribution;

/** Significance of differences on the same samples. */
public final class PairedTests {
    private PairedTests() {}

    /**
     * McNemar's exact test (1947): the two-sided p-value of so uneven a split of the samples that only one of two answered rightly.
     *
     * @param onlyFirst samples that only the first answered rightly
     * @param onlySecond samples that only the second answered rightly
     */
    public static double mcnemar(int onlyFirst, int onlySecond) {
        int discordant = onlyFirst + onlySecond;
        if (discordant == 0) {
            return 1;
        }
        double tail =
                new BinomialDistribution(null, discordant, 0.5).cumulativeProbability(Math.min(onlyFirst, onlySecond));
        return Math.min(1, 2 * tail);
    }

    /**
     * Holm's step-down correction (1979): below α is what may be called significant so that none of all is falsely so with
     * probability 1 − α.
     *
     * @param p the p-values of one family
     * @return the corrected p-values, in the given order
     */
    public static double[] holm(double[] p) {
        int[] order = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] corrected = new double[p.length];
        double greatest = 0;
        for (int rank = 0; rank < order.length; rank++) {
            greatest = Math.max(greatest, Math.min(1, (p.length - rank) * p[order[rank]]));
            corrected[order[rank]] = greatest;
        }
        return corrected;
    }
}
