package org.offramp.host.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A quotient of two sums over the samples, such as errors by samples, or errors by samples that left early. */
public final class Ratio implements Statistic {
    private final Sparse numerator;
    private final @Nullable Sparse denominator;

    private final boolean complement;

    private Ratio(Sparse numerator, @Nullable Sparse denominator, boolean complement) {
        this.numerator = numerator;
        this.denominator = denominator;
        this.complement = complement;
    }

    /**
     * The mean over the samples.
     *
     * @param values one per sample
     */
    public static Ratio mean(double[] values) {
        return new Ratio(Sparse.of(values), null, false);
    }

    /**
     * One less the mean over the samples: the accuracy, of what is wrong.
     *
     * @param values one per sample
     */
    public static Ratio oneLessMean(double[] values) {
        return new Ratio(Sparse.of(values), null, true);
    }

    /**
     * The quotient of two sums.
     *
     * @param numerator one number per sample
     * @param denominator one number per sample
     */
    public static Ratio of(double[] numerator, double[] denominator) {
        return new Ratio(Sparse.of(numerator), Sparse.of(denominator), false);
    }

    /** {@inheritDoc} NaN where the denominator is 0. */
    @Override
    public double of(int[] weights) {
        double below = denominator == null ? IntStream.of(weights).sum() : denominator.sum(weights);
        double ratio = below == 0 ? Double.NaN : numerator.sum(weights) / below;
        return complement ? 1 - ratio : ratio;
    }

    /** The values that are not 0: most samples are answered rightly, and a bootstrap sums up thousands of times. */
    private record Sparse(int[] at, double[] values) {
        static Sparse of(double[] dense) {
            int[] at =
                    IntStream.range(0, dense.length).filter(i -> dense[i] != 0).toArray();
            return new Sparse(at, Arrays.stream(at).mapToDouble(i -> dense[i]).toArray());
        }

        double sum(int[] weights) {
            double sum = 0;
            for (int i = 0; i < at.length; i++) {
                sum += values[i] * weights[at[i]];
            }
            return sum;
        }
    }
}
