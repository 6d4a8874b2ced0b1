package org.offramp.host.leaderboard;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Points of an accuracy–MACs curve, mixed to a given mean cost: between two neighbours by answering a fraction of the samples with the
 * thresholds of the one and the rest with those of the other; above the dearest point by the dearest. Which thresholds a point has was
 * chosen on the calibration split, so that nothing is selected on test.
 */
final class Mixing {
    private static final int AREA_STEPS = 200;

    private Mixing() {}

    /** Whether a curve reaches down to a cost. */
    static boolean reaches(List<RunRecord.Point> curve, double macsFraction) {
        return !curve.isEmpty() && curve.get(0).macsFraction() <= macsFraction + 1e-12;
    }

    /**
     * The weight of each point at a cost; they sum to 1.
     *
     * @param curve the points, by MACs, at least one
     * @param macsFraction the cost, not below the cheapest point
     */
    static double[] at(List<RunRecord.Point> curve, double macsFraction) {
        double[] weights = new double[curve.size()];
        int right = 0;
        while (right < curve.size() && curve.get(right).macsFraction() <= macsFraction) {
            right++;
        }
        if (right == 0 || right == curve.size()) {
            weights[Math.max(0, right - 1)] = 1;
            return weights;
        }
        double low = curve.get(right - 1).macsFraction();
        double share = (macsFraction - low) / (curve.get(right).macsFraction() - low);
        weights[right - 1] = 1 - share;
        weights[right] = share;
        return weights;
    }

    /**
     * The weight of each point in the mean over all costs from one to 100 % of the backbone.
     *
     * @param curve the points, by MACs, at least one
     * @param from the least cost, as a fraction of the backbone's MACs
     */
    static double[] area(List<RunRecord.Point> curve, double from) {
        double[] weights = new double[curve.size()];
        for (int step = 0; step <= AREA_STEPS; step++) {
            double[] here = at(curve, from + (Math.max(1, from) - from) * step / AREA_STEPS);
            for (int i = 0; i < weights.length; i++) {
                weights[i] += here[i] / (AREA_STEPS + 1);
            }
        }
        return weights;
    }

    static double accuracy(List<RunRecord.Point> curve, double[] weights) {
        return IntStream.range(0, weights.length)
                .mapToDouble(i -> weights[i] * curve.get(i).accuracy())
                .sum();
    }
}
