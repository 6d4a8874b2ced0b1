package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.host.calibration.Calibrator;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.calibration.Thresholds;
import org.offramp.host.metrics.Confusion;
import org.offramp.host.metrics.Figures;
import org.offramp.host.metrics.LabelledAnswers;
import org.offramp.host.metrics.Outcomes;
import org.offramp.host.metrics.Overthinking;

/** Makes a record's figures of what lies beside it, so that they can be made again when it is read. */
final class TestFigures {
    private static final double[] BUDGETS = {0.25, 0.5, 0.75, 1.0};
    private static final int CURVE_POINTS = 24;

    private TestFigures() {}

    /**
     * Thresholds that the calibration split gives for budgets of MACs.
     *
     * @param budgets by percent of the backbone; null where out of reach
     * @param curve from the cheapest to the dearest
     * @param budgetedBatch for geometric distributions of the exits
     */
    record Chosen(
            SortedMap<String, @Nullable List<String>> budgets,
            List<List<String>> curve,
            List<List<String>> budgetedBatch) {
        /** Those of a record. */
        static Chosen of(RunRecord.Test test) {
            SortedMap<String, @Nullable List<String>> budgets = new TreeMap<>();
            test.accuracyAt()
                    .forEach((budget, point) -> budgets.put(budget, point == null ? null : point.thresholds()));
            return new Chosen(
                    budgets,
                    test.curve().stream().map(RunRecord.Point::thresholds).toList(),
                    test.budgetedBatch().stream()
                            .map(RunRecord.Point::thresholds)
                            .toList());
        }
    }

    /**
     * Chooses thresholds for the curve and the budgets.
     *
     * @param calibrator chooses on the calibration split; null for a control, which has no curve
     */
    static Chosen choose(@Nullable Calibrator calibrator) {
        SortedMap<String, @Nullable List<String>> budgets = new TreeMap<>();
        List<List<String>> curve = new ArrayList<>();
        for (double budget : BUDGETS) {
            Thresholds thresholds = calibrator == null ? null : calibrator.choose(new Goal.MaxMacs(budget));
            budgets.put(
                    String.valueOf((int) (100 * budget)),
                    thresholds == null || !thresholds.reachable() ? null : RunRecord.written(thresholds.values()));
        }
        if (calibrator != null) {
            ScoredTrace calibration = calibrator.trace();
            double least = calibration.cumulativeMacs()[0] / (double) calibration.backboneMacs();
            double most = calibration.cumulativeMacs()[calibration.exits() - 1] / (double) calibration.backboneMacs();
            for (int i = 0; i <= CURVE_POINTS; i++) {
                double budget = least + (most - least) * i / CURVE_POINTS;
                Thresholds thresholds = calibrator.choose(new Goal.MaxMacs(budget));
                curve.add(RunRecord.written(thresholds.values()));
            }
        }
        return new Chosen(
                budgets,
                curve.stream().distinct().toList(),
                calibrator == null
                        ? List.of()
                        : BudgetedBatch.thresholds(calibrator.trace()).stream()
                                .map(RunRecord::written)
                                .distinct()
                                .toList());
    }

    /**
     * The figures.
     *
     * @param trace what every exit answers
     * @param outcomes where samples left with real early exits, and what was answered
     * @param cost the MACs
     * @param promise whether the goal was kept
     * @param chosen thresholds for curve and budgets
     */
    static RunRecord.Test of(TestTrace trace, Outcomes outcomes, RunRecord.Cost cost, String promise, Chosen chosen) {
        int exits = trace.exits().size();
        double meanMacs = outcomes.meanMacs(
                cost.cumulative().stream().mapToLong(Long::longValue).toArray());
        Confusion confusion = Confusion.of(outcomes.labels(), outcomes.predictions());
        LabelledAnswers answered = trace.taken(outcomes);
        SortedMap<String, RunRecord.@Nullable Point> budgets = new TreeMap<>();
        chosen.budgets()
                .forEach((budget, thresholds) ->
                        budgets.put(budget, thresholds == null ? null : point(trace, cost, thresholds)));
        return new RunRecord.Test(
                outcomes.accuracy(),
                outcomes.wilson(),
                trace.backboneAccuracy(),
                promise,
                meanMacs,
                meanMacs / cost.backbone(),
                outcomes.meanExit(),
                outcomes.exitRates(exits),
                confusion.macroF1(),
                confusion.balancedAccuracy(),
                confusion.kappa(),
                Figures.of(answered),
                Figures.of(TestTrace.left(answered, outcomes, 1, exits - 1)),
                IntStream.rangeClosed(1, exits)
                        .mapToObj(exit -> new RunRecord.Exit(
                                Figures.of(trace.exits().get(exit - 1)),
                                Figures.of(TestTrace.left(trace.exits().get(exit - 1), outcomes, exit, exit))))
                        .toList(),
                Overthinking.of(trace.exits(), outcomes),
                budgets,
                points(trace, cost, chosen.curve()),
                points(trace, cost, chosen.budgetedBatch()));
    }

    private static List<RunRecord.Point> points(TestTrace trace, RunRecord.Cost cost, List<List<String>> thresholds) {
        return thresholds.stream()
                .map(some -> point(trace, cost, some))
                .sorted(Comparator.comparingDouble(RunRecord.Point::macsFraction))
                .toList();
    }

    private static RunRecord.Point point(TestTrace trace, RunRecord.Cost cost, List<String> thresholds) {
        Outcomes outcomes = trace.at(cost, thresholds);
        double macs = outcomes.meanMacs(
                cost.cumulative().stream().mapToLong(Long::longValue).toArray());
        return new RunRecord.Point(
                macs / cost.backbone(),
                outcomes.accuracy(),
                TestTrace.confidentErrorRate(outcomes, trace.exits().size()),
                thresholds);
    }
}
