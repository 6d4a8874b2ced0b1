package org.offramp.host.calibration;

import java.util.Arrays;

/** A scored trace with the samples of every early exit sorted once, surest first: what all searches work on. */
final class SortedTrace {
    private final ScoredTrace trace;
    private final boolean[][] right;
    private final int[][] order;

    SortedTrace(ScoredTrace trace) {
        this.trace = trace;
        int exits = trace.exits();
        right = new boolean[exits][trace.size()];
        order = new int[exits - 1][];
        for (int exit = 1; exit <= exits; exit++) {
            for (int sample = 0; sample < trace.size(); sample++) {
                right[exit - 1][sample] = trace.predictions()[exit - 1][sample] == trace.labels()[sample];
            }
            if (exit < exits) {
                order[exit - 1] = descending(trace.scores()[exit - 1]);
            }
        }
    }

    /** Positions by falling score, sorted as whole numbers: score in the upper half, position in the lower. */
    static int[] descending(float[] scores) {
        long[] keys = new long[scores.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ((long) ~ordered(scores[i]) << Integer.SIZE) | i;
        }
        Arrays.sort(keys);
        int[] positions = new int[keys.length];
        for (int i = 0; i < keys.length; i++) {
            positions[i] = (int) keys[i];
        }
        return positions;
    }

    /** A whole number that grows with the score; both zeros are one. */
    private static int ordered(float score) {
        int bits = Float.floatToIntBits(score + 0f);
        return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }

    int exits() {
        return trace.exits();
    }

    int size() {
        return trace.size();
    }

    ScoredTrace trace() {
        return trace;
    }

    /** MACs of a sample that leaves at an exit. */
    long cost(int exit) {
        return trace.cumulativeMacs()[exit - 1];
    }

    float[] scores(int exit) {
        return trace.scores()[exit - 1];
    }

    /** The scores of all early exits, exit after exit. */
    float[] earlyScores() {
        float[] all = new float[(exits() - 1) * size()];
        for (int exit = 1; exit < exits(); exit++) {
            System.arraycopy(scores(exit), 0, all, (exit - 1) * size(), size());
        }
        return all;
    }

    boolean[] right(int exit) {
        return right[exit - 1];
    }

    /** The samples by falling score at an early exit. */
    int[] order(int exit) {
        return order[exit - 1];
    }

    /** What a step from one exit to another changes in the number of right answers. */
    int gain(int sample, int from, int to) {
        return (right[to - 1][sample] ? 1 : 0) - (right[from - 1][sample] ? 1 : 0);
    }

    Outcome outcome(double[] thresholds) {
        int[] exits = trace.exitsAt(thresholds);
        long correct = 0;
        long macs = 0;
        for (int sample = 0; sample < exits.length; sample++) {
            correct += right[exits[sample] - 1][sample] ? 1 : 0;
            macs += cost(exits[sample]);
        }
        return new Outcome(correct, macs);
    }

    /** Thresholds that nobody reaches. */
    double[] closed() {
        double[] values = new double[exits() - 1];
        Arrays.fill(values, Double.POSITIVE_INFINITY);
        return values;
    }
}
