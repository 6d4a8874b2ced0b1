package org.offramp.host.calibration;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Chooses thresholds. A shared threshold is found by one sweep over all observed scores; one threshold per exit by coordinate ascent
 * from there, which is never worse on the calibration split. A threshold is always an observed score, or +infinity.
 */
public final class Calibrator {
    private static final int MOST_ROUNDS = 20;

    private final ScoredTrace trace;
    private final Goal goal;
    private final long lastCorrect;

    private Calibrator(ScoredTrace trace, Goal goal) {
        this.trace = trace;
        this.goal = goal;
        this.lastCorrect =
                correctAt(trace, trace.exits()).filter(value -> value).count();
    }

    private static java.util.stream.Stream<Boolean> correctAt(ScoredTrace trace, int exit) {
        return java.util.stream.IntStream.range(0, trace.size())
                .mapToObj(sample -> trace.predictions()[exit - 1][sample] == trace.labels()[sample]);
    }

    /**
     * Chooses.
     *
     * @param trace the scored calibration split, not empty
     * @param goal the goal
     * @param perExit one threshold per exit instead of a shared one
     * @throws IllegalArgumentException if given thresholds are of the wrong number
     */
    public static Thresholds calibrate(ScoredTrace trace, Goal goal, boolean perExit) {
        Calibrator calibrator = new Calibrator(trace, goal);
        double[] values;
        if (goal instanceof Goal.Given given) {
            values = spread(given.thresholds(), trace.exits() - 1);
        } else {
            values = calibrator.global();
            if (perExit) {
                values = calibrator.ascend(values);
            }
        }
        Outcome outcome = calibrator.outcome(values);
        return new Thresholds(
                values,
                outcome.correct / (double) trace.size(),
                calibrator.lastCorrect / (double) trace.size(),
                outcome.macs / (double) trace.size(),
                goal instanceof Goal.Given || calibrator.feasible(outcome));
    }

    private static double[] spread(double[] given, int early) {
        if (given.length == 1) {
            double[] all = new double[early];
            Arrays.fill(all, given[0]);
            return all;
        }
        if (given.length != early) {
            throw new IllegalArgumentException("calibrate.threshold: " + given.length + " thresholds for " + early
                    + " early exits; give one, or one each");
        }
        return given.clone();
    }

    /** Totals over the samples. */
    private record Outcome(long correct, long macs) {}

    private Outcome outcome(double[] thresholds) {
        int[] exits = trace.exitsAt(thresholds);
        long correct = 0;
        long macs = 0;
        for (int sample = 0; sample < exits.length; sample++) {
            correct += correct(sample, exits[sample]);
            macs += trace.cumulativeMacs()[exits[sample] - 1];
        }
        return new Outcome(correct, macs);
    }

    private int correct(int sample, int exit) {
        return trace.predictions()[exit - 1][sample] == trace.labels()[sample] ? 1 : 0;
    }

    private boolean feasible(Outcome outcome) {
        if (goal instanceof Goal.MaxAccuracyDrop drop) {
            return outcome.correct >= lastCorrect - drop.drop() * trace.size() - 1e-9;
        }
        return goal instanceof Goal.MaxMacs bound
                && outcome.macs <= bound.fraction() * trace.backboneMacs() * trace.size() * (1 + 1e-12);
    }

    /** Whether one outcome serves the goal better than another. */
    private boolean better(Outcome one, Outcome other) {
        boolean oneFeasible = feasible(one);
        if (oneFeasible != feasible(other)) {
            return oneFeasible;
        }
        Comparator<Outcome> macs = Comparator.comparingLong(outcome -> -outcome.macs);
        Comparator<Outcome> correct = Comparator.comparingLong(outcome -> outcome.correct);
        boolean byMacs = goal instanceof Goal.MaxAccuracyDrop ? oneFeasible : !oneFeasible;
        return (byMacs ? macs.thenComparing(correct) : correct.thenComparing(macs)).compare(one, other) > 0;
    }

    /** One event: the threshold falls to a score, and that sample may leave there. */
    private record Event(float score, int sample, int exit) {}

    private double[] global() {
        int early = trace.exits() - 1;
        Event[] events = new Event[early * trace.size()];
        int[] exits = new int[trace.size()];
        Arrays.fill(exits, trace.exits());
        for (int exit = 1, at = 0; exit <= early; exit++) {
            for (int sample = 0; sample < trace.size(); sample++) {
                events[at++] = new Event(trace.scores()[exit - 1][sample], sample, exit);
            }
        }
        Arrays.sort(events, Comparator.comparingDouble((Event event) -> -event.score));
        double best = Double.POSITIVE_INFINITY;
        Outcome bestOutcome = outcome(filled(best));
        long correct = bestOutcome.correct;
        long macs = bestOutcome.macs;
        for (int i = 0; i < events.length; i++) {
            Event event = events[i];
            int from = exits[event.sample];
            if (event.exit < from) {
                correct += correct(event.sample, event.exit) - correct(event.sample, from);
                macs += trace.cumulativeMacs()[event.exit - 1] - trace.cumulativeMacs()[from - 1];
                exits[event.sample] = event.exit;
            }
            boolean lastOfTies = i == events.length - 1 || events[i + 1].score < event.score;
            Outcome here = new Outcome(correct, macs);
            if (lastOfTies && better(here, bestOutcome)) {
                best = event.score;
                bestOutcome = here;
            }
        }
        return filled(best);
    }

    private double[] filled(double threshold) {
        double[] values = new double[trace.exits() - 1];
        Arrays.fill(values, threshold);
        return values;
    }

    private double[] ascend(double[] start) {
        double[] values = start.clone();
        Outcome best = outcome(values);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            boolean improved = false;
            for (int exit = 1; exit < trace.exits(); exit++) {
                double[] tried = along(values, exit);
                Outcome outcome = outcome(tried);
                if (better(outcome, best)) {
                    values = tried;
                    best = outcome;
                    improved = true;
                }
            }
            if (!improved) {
                return values;
            }
        }
        return values;
    }

    /** The best threshold of one exit with the others fixed. */
    private double[] along(double[] values, int exit) {
        double[] open = values.clone();
        open[exit - 1] = Double.POSITIVE_INFINITY;
        int[] without = trace.exitsAt(open);
        Integer[] reaching = java.util.stream.IntStream.range(0, trace.size())
                .filter(sample -> without[sample] > exit)
                .boxed()
                .sorted(Comparator.comparingDouble(sample -> -trace.scores()[exit - 1][sample]))
                .toArray(Integer[]::new);
        Outcome best = outcome(open);
        long correct = best.correct;
        long macs = best.macs;
        double threshold = Double.POSITIVE_INFINITY;
        for (int i = 0; i < reaching.length; i++) {
            int sample = reaching[i];
            correct += correct(sample, exit) - correct(sample, without[sample]);
            macs += trace.cumulativeMacs()[exit - 1] - trace.cumulativeMacs()[without[sample] - 1];
            float score = trace.scores()[exit - 1][sample];
            boolean lastOfTies = i == reaching.length - 1 || trace.scores()[exit - 1][reaching[i + 1]] < score;
            Outcome here = new Outcome(correct, macs);
            if (lastOfTies && better(here, best)) {
                best = here;
                threshold = score;
            }
        }
        open[exit - 1] = threshold;
        return open;
    }
}
