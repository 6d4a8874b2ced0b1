package org.offramp.host.calibration;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses thresholds on a trace of calibration samples. What a search finds independently of the goal is found once; so one calibrator
 * serves a curve of many goals.
 */
public final class Calibrator {
    private final ScoredTrace trace;
    private final Search search;
    private final long lastCorrect;
    private final int size;
    private @Nullable SortedTrace sorted;
    private @Nullable Frontier shared;
    private @Nullable Frontier found;

    /**
     * A calibrator.
     *
     * @param trace the scored calibration split
     * @param search how to search
     * @throws IllegalArgumentException if the trace has no sample
     */
    public Calibrator(ScoredTrace trace, Search search) {
        if (trace.size() == 0) {
            throw new IllegalArgumentException("there is no calibration sample to choose thresholds on");
        }
        this.trace = trace;
        this.search = search;
        this.size = trace.size();
        long correct = 0;
        for (int sample = 0; sample < size; sample++) {
            correct += trace.predictions()[trace.exits() - 1][sample] == trace.labels()[sample] ? 1 : 0;
        }
        this.lastCorrect = correct;
    }

    /** The trace it chooses on. */
    public ScoredTrace trace() {
        return trace;
    }

    /**
     * Chooses.
     *
     * @param goal the goal
     * @throws IllegalArgumentException if given thresholds are of the wrong number
     */
    public Thresholds choose(Goal goal) {
        if (goal instanceof Goal.Given given) {
            double[] values = spread(given.thresholds(), trace.exits() - 1);
            return thresholds(values, sorted().outcome(values), true);
        }
        if (goal instanceof Goal.MaxAccuracyDrop drop && drop.confidence() > 0) {
            if (search.method() != Search.Method.GLOBAL) {
                throw new IllegalArgumentException("calibrate.confidence: only with search: global; thresholds per exit"
                        + " have no order in which to test them");
            }
            Frontier.Point point = RiskControl.choose(sorted(), drop);
            return thresholds(point.thresholds(), point.outcome(), true);
        }
        Objective.OfGoal objective = new Objective.OfGoal(goal, lastCorrect, size, trace.backboneMacs());
        Frontier.Point best = best(objective);
        return thresholds(best.thresholds(), best.outcome(), objective.feasible(best.outcome()));
    }

    private Frontier.Point best(Objective objective) {
        return switch (search.method()) {
            case GLOBAL -> shared().best(objective);
            case PER_EXIT -> ascend(shared().best(objective), objective);
            case RANDOM_HULL -> found().best(objective);
            case DYNAMIC -> {
                Frontier.Point one = ascend(shared().best(objective), objective);
                Frontier.Point other = ascend(found().best(objective), objective);
                yield objective.better(one.outcome(), other.outcome()) ? one : other;
            }
        };
    }

    private Frontier.Point ascend(Frontier.Point start, Objective objective) {
        return CoordinateAscent.from(sorted(), objective, start);
    }

    private SortedTrace sorted() {
        if (sorted == null) {
            sorted = new SortedTrace(trace);
        }
        return sorted;
    }

    private Frontier shared() {
        if (shared == null) {
            shared = SharedThresholds.of(sorted());
        }
        return shared;
    }

    private Frontier found() {
        if (found == null) {
            found = search.method() == Search.Method.RANDOM_HULL
                    ? RandomDraws.hull(sorted(), search)
                    : BackwardInduction.of(sorted());
        }
        return found;
    }

    private Thresholds thresholds(double[] values, Outcome outcome, boolean reachable) {
        return new Thresholds(
                values,
                outcome.correct() / (double) size,
                lastCorrect / (double) size,
                outcome.macs() / (double) size,
                reachable);
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
}
