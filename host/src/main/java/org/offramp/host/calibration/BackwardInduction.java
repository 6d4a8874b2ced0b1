package org.offramp.host.calibration;

import java.util.ArrayList;
import java.util.List;

/**
 * Thresholds by dynamic programming. For a price per MAC, the value of an exit is 1 for a right answer less the price of what was
 * computed. From the last early exit backwards, each threshold is the observed score above which leaving is worth more, over all
 * samples, than going on under the thresholds already chosen. A range of prices gives a frontier from "always the first exit" to
 * "never early"; coordinate ascent under the same price takes into account which samples still come to an exit.
 */
final class BackwardInduction {
    private static final int PRICES = 48;
    /** Right answers per backbone's worth of MACs. */
    private static final double LOWEST = 1e-3;

    private static final double HIGHEST = 30;

    private BackwardInduction() {}

    /** The frontier of all prices. */
    static Frontier of(SortedTrace trace) {
        List<Frontier.Point> points = new ArrayList<>();
        double[] closed = trace.closed();
        points.add(new Frontier.Point(closed, trace.outcome(closed)));
        for (int i = -1; i < PRICES; i++) {
            double share = i < 0 ? 0 : LOWEST * Math.pow(HIGHEST / LOWEST, i / (PRICES - 1.0));
            double price = share / trace.trace().backboneMacs();
            double[] thresholds = thresholds(trace, price);
            Frontier.Point point = new Frontier.Point(thresholds, trace.outcome(thresholds));
            points.add(point);
            points.add(CoordinateAscent.from(trace, new Objective.Priced(price), point));
        }
        return Frontier.of(points);
    }

    /** The thresholds of one price. */
    static double[] thresholds(SortedTrace trace, double price) {
        double[] thresholds = trace.closed();
        double[] ahead = new double[trace.size()];
        for (int sample = 0; sample < ahead.length; sample++) {
            ahead[sample] = value(trace, sample, trace.exits(), price);
        }
        for (int exit = trace.exits() - 1; exit >= 1; exit--) {
            int[] order = trace.order(exit);
            float[] scores = trace.scores(exit);
            double gain = 0;
            double best = 0;
            int leaving = 0;
            for (int i = 0; i < order.length; i++) {
                gain += value(trace, order[i], exit, price) - ahead[order[i]];
                boolean lastOfTies = i == order.length - 1 || scores[order[i + 1]] < scores[order[i]];
                if (lastOfTies && gain > best) {
                    best = gain;
                    leaving = i + 1;
                }
            }
            for (int i = 0; i < leaving; i++) {
                ahead[order[i]] = value(trace, order[i], exit, price);
            }
            if (leaving > 0) {
                thresholds[exit - 1] = scores[order[leaving - 1]];
            }
        }
        return thresholds;
    }

    private static double value(SortedTrace trace, int sample, int exit, double price) {
        return (trace.right(exit)[sample] ? 1 : 0) - price * trace.cost(exit);
    }
}
