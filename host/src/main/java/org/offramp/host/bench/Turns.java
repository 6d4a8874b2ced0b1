package org.offramp.host.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Times of several ways to do the same, measured in turns within one run, so that a machine that becomes slower does so for all.
 *
 * @param calls nanoseconds of every call, by way, ascending
 * @param rounds nanoseconds of every round, by way, in order
 */
record Turns(long[][] calls, long[][] rounds) {
    /** One way: runs input number {@code i}. */
    @FunctionalInterface
    interface Way {
        void run(int i);
    }

    /**
     * Measures.
     *
     * @param ways the ways
     * @param inputs how many inputs a round has
     * @param rounds how many rounds count, at least 1
     * @param warmUp nanoseconds for which rounds run before that; two rounds at least
     */
    static Turns measure(List<? extends Way> ways, int inputs, int rounds, long warmUp) {
        long[][] calls = new long[ways.size()][rounds * inputs];
        long[][] sums = new long[ways.size()][rounds];
        long begin = System.nanoTime();
        for (int round = 0; round < 2 || System.nanoTime() - begin < warmUp; round++) {
            for (int i = 0; i < inputs; i++) {
                for (Way way : ways) {
                    way.run(i);
                }
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < inputs; i++) {
                for (int way = 0; way < ways.size(); way++) {
                    // Who goes first has the caches of who went before: everybody is first in turn.
                    int at = (way + i + round) % ways.size();
                    long start = System.nanoTime();
                    ways.get(at).run(i);
                    long time = System.nanoTime() - start;
                    calls[at][round * inputs + i] = time;
                    sums[at][round] += time;
                }
            }
        }
        for (long[] times : calls) {
            Arrays.sort(times);
        }
        return new Turns(calls, sums);
    }

    /** The median over rounds of how much faster a way is than another in the same round. */
    double faster(int way, int than) {
        double[] ratios = new double[rounds[way].length];
        Arrays.setAll(ratios, round -> (double) rounds[than][round] / rounds[way][round]);
        Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }

    /** Nanoseconds of the median round. */
    long round(int way) {
        long[] sorted = rounds[way].clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Microseconds that a fraction of a way's calls stays below. */
    double micros(int way, double fraction) {
        return micros(calls[way], fraction);
    }

    static double micros(long[] sorted, double fraction) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] / 1e3;
    }
}
