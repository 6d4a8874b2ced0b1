package org.offramp.host.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where samples left and what was answered.
 *
 * @param labels the true classes
 * @param exits the exits taken, counted from 1
 * @param predictions the answers
 */
public record Outcomes(int[] labels, int[] exits, int[] predictions) {
    private static final double Z95 = 1.959963984540054;

    /** The number of samples. */
    public int size() {
        return labels.length;
    }

    /** The fraction answered rightly; 0 for no samples. */
    public double accuracy() {
        return size() == 0 ? 0 : correct() / (double) size();
    }

    /**
     * Whether a sample was answered rightly.
     *
     * @param sample {@code 0 … size() - 1}
     */
    public boolean right(int sample) {
        return predictions[sample] == labels[sample];
    }

    private long correct() {
        return IntStream.range(0, size()).filter(this::right).count();
    }

    /**
     * The samples that left at one of some exits.
     *
     * @param from the first of these exits, counted from 1
     * @param to the last of them
     */
    public int[] leftAt(int from, int to) {
        return IntStream.range(0, size())
                .filter(i -> exits[i] >= from && exits[i] <= to)
                .toArray();
    }

    /** Wilson's 95 % interval of the accuracy (Wilson 1927): lower and upper bound. */
    public double[] wilson() {
        if (size() == 0) {
            return new double[] {0, 1};
        }
        double n = size();
        double p = accuracy();
        double centre = p + Z95 * Z95 / (2 * n);
        double reach = Z95 * Math.sqrt(p * (1 - p) / n + Z95 * Z95 / (4 * n * n));
        double scale = 1 + Z95 * Z95 / n;
        return new double[] {(centre - reach) / scale, (centre + reach) / scale};
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

    /**
     * The fraction of samples that left at each exit; they sum to 1.
     *
     * @param count the number of exits
     */
    public double[] exitRates(int count) {
        double[] rates = new double[count];
        Arrays.stream(exits).forEach(exit -> rates[exit - 1] += 1.0 / size());
        return rates;
    }

    /** The mean exit. */
    public double meanExit() {
        return Arrays.stream(exits).average().orElse(0);
    }
}
