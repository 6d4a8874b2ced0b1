package org.offramp.host.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * A paired bootstrap (Efron 1979): test samples are drawn with replacement, the same ones for all that are compared, and so are the seeds
 * where there are three or more.
 */
public final class PairedBootstrap {
    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
            RandomGeneratorFactory.of("L64X128MixRandom");
    private static final int FEWEST_SEEDS_DRAWN = 3;

    private final int samples;
    private final int seeds;
    private final int resamples;
    private final long seed;

    /**
     * A bootstrap.
     *
     * @param samples the number of test samples
     * @param seeds the number of seeds
     * @param resamples how many times to draw
     * @param seed seeds the draws
     */
    public PairedBootstrap(int samples, int seeds, int resamples, long seed) {
        this.samples = samples;
        this.seeds = seeds;
        this.resamples = resamples;
        this.seed = seed;
    }

    private static int[] draw(int count, RandomGenerator random) {
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            drawn[random.nextInt(count)]++;
        }
        return drawn;
    }

    private static int[] ones(int count) {
        int[] ones = new int[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /**
     * One compared figure: as it is, and in each resample.
     *
     * @param value the mean over the seeds
     * @param resampled the same in each resample
     */
    public record Figure(double value, double[] resampled) {}

    /**
     * Two figures on the same samples.
     *
     * @param difference the first less the second
     * @param low the lower bound of the 95 % percentile interval
     * @param high its upper bound
     * @param p the two-sided p-value of no difference
     */
    public record Difference(double difference, double low, double high, double p) {}

    /**
     * Resamples figures, all with the same draws.
     *
     * @param figures each figure for each seed
     */
    public List<Figure> figures(List<? extends List<? extends Statistic>> figures) {
        RandomGenerator random = GENERATORS.create(seed);
        double[][] resampled = new double[figures.size()][resamples];
        for (int i = 0; i < resamples; i++) {
            int[] weights = draw(samples, random);
            int[] times = seeds < FEWEST_SEEDS_DRAWN ? ones(seeds) : draw(seeds, random);
            for (int figure = 0; figure < resampled.length; figure++) {
                resampled[figure][i] = mean(figures.get(figure), weights, times);
            }
        }
        return IntStream.range(0, resampled.length)
                .mapToObj(i -> new Figure(mean(figures.get(i), ones(samples), ones(seeds)), resampled[i]))
                .toList();
    }

    private static double mean(List<? extends Statistic> bySeed, int[] weights, int[] times) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < times.length; i++) {
            if (times[i] > 0) {
                sum += times[i] * bySeed.get(i).of(weights);
                count += times[i];
            }
        }
        return sum / count;
    }

    /**
     * Compares two figures. Resamples in which one is not defined do not count.
     *
     * @param one the first
     * @param other the second
     */
    public static Difference compare(Figure one, Figure other) {
        double[] differences = IntStream.range(0, one.resampled().length)
                .mapToDouble(i -> one.resampled()[i] - other.resampled()[i])
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        double difference = one.value() - other.value();
        if (differences.length == 0 || !Double.isFinite(difference)) {
            return new Difference(Double.NaN, Double.NaN, Double.NaN, 1);
        }
        long below = Arrays.stream(differences).filter(d -> d <= 0).count();
        long above = Arrays.stream(differences).filter(d -> d >= 0).count();
        double p = Math.min(1, 2.0 * (Math.min(below, above) + 1) / (differences.length + 1));
        return new Difference(difference, quantile(differences, 0.025), quantile(differences, 0.975), p);
    }

    private static double quantile(double[] sorted, double fraction) {
        return sorted[(int) Math.round(fraction * (sorted.length - 1))];
    }
}
