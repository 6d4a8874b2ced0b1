package org.offramp.host.calibration;

/** One threshold after the other is set to the best observed score, the others held, until none improves. */
final class CoordinateAscent {
    private static final int MOST_ROUNDS = 20;

    private final SortedTrace trace;
    private final Objective objective;
    private final double[] thresholds;
    private final int[] taken;
    private Outcome outcome;

    private CoordinateAscent(SortedTrace trace, Objective objective, Frontier.Point start) {
        this.trace = trace;
        this.objective = objective;
        this.thresholds = start.thresholds().clone();
        this.taken = trace.trace().exitsAt(thresholds);
        this.outcome = start.outcome();
    }

    /** The thresholds reached from a start; never worse than it. */
    static Frontier.Point from(SortedTrace trace, Objective objective, Frontier.Point start) {
        CoordinateAscent ascent = new CoordinateAscent(trace, objective, start);
        boolean improved = true;
        for (int round = 0; round < MOST_ROUNDS && improved; round++) {
            improved = false;
            for (int exit = 1; exit < trace.exits(); exit++) {
                improved |= ascent.along(exit);
            }
        }
        return new Frontier.Point(ascent.thresholds, ascent.outcome);
    }

    /** Sets the best threshold of one exit; says whether that is better than before. */
    private boolean along(int exit) {
        long correct = outcome.correct();
        long macs = outcome.macs();
        for (int sample = 0; sample < taken.length; sample++) {
            if (taken[sample] == exit) {
                int next = next(sample, exit);
                correct += trace.gain(sample, exit, next);
                macs += trace.cost(next) - trace.cost(exit);
                taken[sample] = next;
            }
        }
        int[] order = trace.order(exit);
        float[] scores = trace.scores(exit);
        Outcome best = outcome;
        double threshold = thresholds[exit - 1];
        Outcome here = new Outcome(correct, macs);
        if (objective.better(here, best)) {
            best = here;
            threshold = Double.POSITIVE_INFINITY;
        }
        for (int i = 0; i < order.length; i++) {
            int sample = order[i];
            int from = taken[sample];
            if (from > exit) {
                correct += trace.gain(sample, from, exit);
                macs += trace.cost(exit) - trace.cost(from);
            }
            if (i == order.length - 1 || scores[order[i + 1]] < scores[sample]) {
                here = new Outcome(correct, macs);
                if (objective.better(here, best)) {
                    best = here;
                    threshold = scores[sample];
                }
            }
        }
        boolean better = objective.better(best, outcome);
        outcome = best;
        thresholds[exit - 1] = threshold;
        for (int i = 0; i < order.length && scores[order[i]] >= threshold; i++) {
            taken[order[i]] = Math.min(taken[order[i]], exit);
        }
        return better;
    }

    /** Where a sample leaves if it does not leave at an exit. */
    private int next(int sample, int exit) {
        int next = exit + 1;
        while (next < trace.exits() && !(trace.scores(next)[sample] >= thresholds[next - 1])) {
            next++;
        }
        return next;
    }
}
