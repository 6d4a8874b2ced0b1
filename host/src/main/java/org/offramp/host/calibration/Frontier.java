package org.offramp.host.calibration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Choices of thresholds of which none is both cheaper and righter than another, by rising MACs. */
record Frontier(List<Point> points) {
    /**
     * A choice.
     *
     * @param thresholds one per early exit
     * @param outcome what it gives on the trace
     */
    record Point(double[] thresholds, Outcome outcome) {}

    /** The choices that no other one beats; of equals the first. */
    static Frontier of(List<Point> candidates) {
        List<Point> sorted = new ArrayList<>(candidates);
        sorted.sort(Comparator.<Point>comparingLong(point -> point.outcome().macs())
                .thenComparingLong(point -> -point.outcome().correct()));
        List<Point> kept = new ArrayList<>();
        for (Point point : sorted) {
            if (kept.isEmpty()
                    || point.outcome().correct()
                            > kept.get(kept.size() - 1).outcome().correct()) {
                kept.add(point);
            }
        }
        return new Frontier(List.copyOf(kept));
    }

    /** The corners of the upper convex hull of (MACs, right answers), by rising MACs. */
    Frontier hull() {
        List<Point> corners = new ArrayList<>();
        for (Point point : points) {
            while (corners.size() > 1
                    && !isAbove(
                            corners.get(corners.size() - 1).outcome(),
                            corners.get(corners.size() - 2).outcome(),
                            point.outcome())) {
                corners.remove(corners.size() - 1);
            }
            corners.add(point);
        }
        return new Frontier(List.copyOf(corners));
    }

    private static boolean isAbove(Outcome middle, Outcome left, Outcome right) {
        double width = right.macs() - left.macs();
        double share = (middle.macs() - left.macs()) / width;
        return middle.correct() > left.correct() + share * (right.correct() - left.correct());
    }

    /** The point that serves an objective best. */
    Point best(Objective objective) {
        Point best = points.get(0);
        for (Point point : points) {
            if (objective.better(point.outcome(), best.outcome())) {
                best = point;
            }
        }
        return best;
    }
}
