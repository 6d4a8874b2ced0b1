package org.offramp.host.calibration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The paper's search: thresholds drawn at random for all early exits, each draw's (MACs, accuracy) on the trace, and the upper convex
 * hull of the cloud (Görmez et al. 2022).
 *
 * <p>All draws are judged at once with one bit per draw and sample. Samples are taken in blocks of 512, so that the bits of a draw fill
 * one cache line; exit by exit the draws are visited by falling threshold, while the set of samples that reach the threshold grows by
 * adding each sample once. Work is exits × draws × samples / 64 words.
 */
final class RandomDraws {
    private static final int WORDS = 8;
    private static final int BLOCK = WORDS * Long.SIZE;

    private final SortedTrace trace;
    private final float[][] thresholds;
    private final int[][] byThreshold;
    private final long[] correct;
    private final long[] macs;

    /**
     * Draws.
     *
     * @param trace what thresholds are judged on
     * @param search the number of draws, their window and the seed
     */
    RandomDraws(SortedTrace trace, Search search) {
        this.trace = trace;
        int early = trace.exits() - 1;
        int draws = search.draws();
        thresholds = new float[early][draws];
        byThreshold = new int[early][];
        correct = new long[draws];
        macs = new long[draws];
        SplittableRandom random = new SplittableRandom(search.seed());
        for (int draw = 0; draw < draws; draw++) {
            for (int exit = 1; exit <= early; exit++) {
                thresholds[exit - 1][draw] = search.window() == Search.Window.UNIT
                        ? (float) random.nextDouble()
                        : trace.scores(exit)[random.nextInt(trace.size())];
            }
        }
        for (int exit = 1; exit <= early; exit++) {
            byThreshold[exit - 1] = SortedTrace.descending(thresholds[exit - 1]);
        }
    }

    /** The hull of all draws and of the two choices that are always there: never early, and always at the first exit. */
    static Frontier hull(SortedTrace trace, Search search) {
        RandomDraws draws = new RandomDraws(trace, search);
        draws.judge();
        List<Frontier.Point> points = new ArrayList<>();
        double[] closed = trace.closed();
        points.add(new Frontier.Point(closed, trace.outcome(closed)));
        if (trace.exits() > 1) {
            double[] first = trace.closed();
            int[] order = trace.order(1);
            first[0] = trace.scores(1)[order[order.length - 1]];
            points.add(new Frontier.Point(first, trace.outcome(first)));
        }
        for (int draw = 0; draw < search.draws(); draw++) {
            points.add(draws.point(draw));
        }
        return Frontier.of(points).hull();
    }

    /** A draw and what it gives, after {@link #judge()}. */
    Frontier.Point point(int draw) {
        double[] values = new double[thresholds.length];
        Arrays.setAll(values, exit -> thresholds[exit][draw]);
        return new Frontier.Point(values, new Outcome(correct[draw], macs[draw]));
    }

    /** Counts right answers and MACs of every draw. */
    void judge() {
        long[] here = new long[correct.length * WORDS];
        for (int from = 0; from < trace.size(); from += BLOCK) {
            int size = Math.min(BLOCK, trace.size() - from);
            Arrays.fill(here, 0);
            for (int draw = 0; draw < correct.length; draw++) {
                fill(here, draw * WORDS, size);
            }
            for (int exit = 1; exit < trace.exits(); exit++) {
                leave(here, from, size, exit);
            }
            last(here, bits(from, size, trace.exits()));
        }
    }

    private static void fill(long[] words, int base, int size) {
        for (int word = 0; word * Long.SIZE < size; word++) {
            int left = size - word * Long.SIZE;
            words[base + word] = left >= Long.SIZE ? -1L : (1L << left) - 1;
        }
    }

    /** The samples of a block that an exit answers rightly. */
    private long[] bits(int from, int size, int exit) {
        long[] bits = new long[WORDS];
        boolean[] right = trace.right(exit);
        for (int i = 0; i < size; i++) {
            if (right[from + i]) {
                bits[i / Long.SIZE] |= 1L << i;
            }
        }
        return bits;
    }

    /** Lets the samples of a block leave at an exit, in every draw. */
    private void leave(long[] here, int from, int size, int exit) {
        float[] scores = Arrays.copyOfRange(trace.scores(exit), from, from + size);
        int[] falling = SortedTrace.descending(scores);
        long[] right = bits(from, size, exit);
        long[] reached = new long[WORDS];
        long cost = trace.cost(exit);
        int next = 0;
        for (int draw : byThreshold[exit - 1]) {
            float threshold = thresholds[exit - 1][draw];
            while (next < size && scores[falling[next]] >= threshold) {
                reached[falling[next] / Long.SIZE] |= 1L << falling[next];
                next++;
            }
            if (next == 0) {
                continue;
            }
            int base = draw * WORDS;
            int leaving = 0;
            int well = 0;
            for (int word = 0; word < WORDS; word++) {
                long gone = here[base + word] & reached[word];
                here[base + word] ^= gone;
                leaving += Long.bitCount(gone);
                well += Long.bitCount(gone & right[word]);
            }
            correct[draw] += well;
            macs[draw] += leaving * cost;
        }
    }

    private void last(long[] here, long[] right) {
        long cost = trace.cost(trace.exits());
        for (int draw = 0; draw < correct.length; draw++) {
            int staying = 0;
            int well = 0;
            for (int word = 0; word < WORDS; word++) {
                long stays = here[draw * WORDS + word];
                staying += Long.bitCount(stays);
                well += Long.bitCount(stays & right[word]);
            }
            correct[draw] += well;
            macs[draw] += staying * cost;
        }
    }
}
