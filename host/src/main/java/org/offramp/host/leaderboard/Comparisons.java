package org.offramp.host.leaderboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.host.metrics.Auroc;
import org.offramp.host.metrics.Outcomes;
import org.offramp.host.metrics.PairedBootstrap;
import org.offramp.host.metrics.PairedTests;
import org.offramp.host.metrics.Ratio;
import org.offramp.host.metrics.Statistic;

/**
 * Compares every two strategies on the same test samples: at their operating points, at equal mean MACs, over the whole curve, and by how
 * well their scores tell right from wrong. The seeds are those that every compared strategy finished.
 */
final class Comparisons {
    private static final long SEED = 20221212;
    private static final int FEWEST_RESAMPLES = 2000;
    /** So that the smallest p-value, times the pairs, lies well below the level. */
    private static final int RESAMPLES_PER_PAIR = 80;

    private static final List<String> BUDGETS = List.of("25", "50", "75", "100");

    private final List<BoardLine> lines;
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();
    private final Map<String, List<Outcomes>> operating = new LinkedHashMap<>();
    private final double from;

    /** One strategy with one seed. */
    private record Run(RunRecord record, TestTrace trace, Outcomes outcomes, List<PerturbedSamples> perturbed) {
        /** What a mix of the curve's points gives: errors, errors of those that left early, those that left early. */
        double[][] mixed(double[] weights) {
            double[][] sums = new double[3][outcomes.size()];
            for (int point = 0; point < weights.length; point++) {
                if (weights[point] > 0) {
                    Outcomes at = trace.at(
                            record.cost(), record.test().curve().get(point).thresholds());
                    add(sums[0], wrong(at), weights[point]);
                    add(sums[1], TestTrace.wrongEarly(at, trace.exits().size()), weights[point]);
                    add(sums[2], TestTrace.early(at, trace.exits().size()), weights[point]);
                }
            }
            return sums;
        }

        private static void add(double[] sums, double[] values, double weight) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += weight * values[i];
            }
        }

        static double[] wrong(Outcomes outcomes) {
            return IntStream.range(0, outcomes.size())
                    .mapToDouble(i -> outcomes.right(i) ? 0 : 1)
                    .toArray();
        }
    }

    private Comparisons(Path directory, List<BoardLine> lines, double from) {
        this.lines = lines;
        this.from = from;
        Set<Long> seeds = new LinkedHashSet<>();
        lines.get(0).records.forEach(record -> seeds.add(record.seed()));
        lines.forEach(line ->
                seeds.retainAll(line.records.stream().map(RunRecord::seed).collect(Collectors.toSet())));
        for (BoardLine line : lines) {
            List<Run> own = line.records.stream()
                    .filter(record -> seeds.contains(record.seed()))
                    .map(record -> load(directory, record))
                    .toList();
            runs.put(line.name, own);
            operating.put(line.name, own.stream().map(Run::outcomes).toList());
        }
    }

    private static Run load(Path directory, RunRecord record) {
        Path place = Leaderboard.directory(directory, record.strategy(), record.seed());
        try {
            return new Run(
                    record,
                    RunRecordStore.trace(place, record),
                    RunRecordStore.outcomes(place, record),
                    RunRecordStore.perturbed(place, record));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compare by " + place, e);
        }
    }

    /**
     * Compares.
     *
     * @param directory the run's folder
     * @param all the board's lines; failures and the oracle are left out
     * @param from the least cost of the area
     * @return the comparisons, one measure after the other; empty where there is no seed that all have
     */
    static List<Comparison> of(Path directory, List<BoardLine> all, double from) {
        List<BoardLine> lines =
                all.stream().filter(line -> line.finished() && !line.oracle()).toList();
        if (lines.size() < 2) {
            return List.of();
        }
        Comparisons comparisons = new Comparisons(directory, lines, from);
        return comparisons.seeds() == 0 ? List.of() : comparisons.all();
    }

    private List<Run> runs(BoardLine line) {
        return runs.getOrDefault(line.name, List.of());
    }

    private int seeds() {
        return runs(lines.get(0)).size();
    }

    private int samples() {
        return runs(lines.get(0)).get(0).outcomes().size();
    }

    private List<Comparison> all() {
        List<Measure> measures = measures();
        List<List<Statistic>> statistics = measures.stream()
                .flatMap(measure -> measure.statistics().values().stream())
                .toList();
        int pairs = lines.size() * (lines.size() - 1) / 2;
        List<PairedBootstrap.Figure> figures = new PairedBootstrap(
                        samples(), seeds(), Math.max(FEWEST_RESAMPLES, RESAMPLES_PER_PAIR * pairs), SEED)
                .figures(statistics);
        List<Comparison> comparisons = new ArrayList<>();
        int at = 0;
        for (Measure measure : measures) {
            Map<String, PairedBootstrap.Figure> own = new LinkedHashMap<>();
            for (String name : measure.statistics().keySet()) {
                own.put(name, figures.get(at++));
            }
            comparisons.addAll(pairs(measure, own));
        }
        return comparisons;
    }

    private List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        Measure area = Measure.named(Measure.AREA, false);
        Measure accuracy = Measure.named(Measure.ACCURACY, false);
        Measure errors = Measure.named(Measure.CONFIDENT_ERROR, true);
        for (BoardLine line : lines) {
            if (line.ranked()) {
                area.statistics()
                        .put(
                                line.name,
                                each(
                                        line,
                                        run -> Ratio.oneLessMean(run.mixed(Mixing.area(
                                                run.record.test().curve(), from))[0])));
            }
            accuracy.statistics().put(line.name, each(line, run -> Ratio.oneLessMean(Run.wrong(run.outcomes))));
            if (line.confidentErrorRate() != null) {
                errors.statistics()
                        .put(
                                line.name,
                                each(
                                        line,
                                        run -> Ratio.of(
                                                TestTrace.wrongEarly(run.outcomes, line.exits()),
                                                TestTrace.early(run.outcomes, line.exits()))));
            }
        }
        measures.addAll(List.of(area, accuracy, errors));
        for (String budget : BUDGETS) {
            measures.addAll(atBudget(budget));
        }
        int most = lines.stream().mapToInt(BoardLine::exits).max().orElse(0);
        for (int exit = 1; exit < most; exit++) {
            measures.add(auroc(exit));
        }
        for (int i = 0; i < lines.get(0).records.get(0).robustness().size(); i++) {
            measures.addAll(perturbed(i));
        }
        return measures;
    }

    /** Strategies mixed to one mean cost, where each can go so low with every seed. */
    private List<Measure> atBudget(String budget) {
        double cost = Integer.parseInt(budget) / 100.0;
        Measure accuracy = Measure.named(Measure.ACCURACY + " at " + budget + " % MACs", false);
        Measure errors = Measure.named(Measure.CONFIDENT_ERROR + " at " + budget + " % MACs", true);
        for (BoardLine line : lines) {
            boolean reached = line.ranked()
                    && line.records.stream()
                            .allMatch(record -> Mixing.reaches(record.test().curve(), cost));
            if (reached) {
                List<double[][]> mixes = runs(line).stream()
                        .map(run -> run.mixed(Mixing.at(run.record.test().curve(), cost)))
                        .toList();
                accuracy.statistics()
                        .put(
                                line.name,
                                mixes.stream()
                                        .map(mix -> (Statistic) Ratio.oneLessMean(mix[0]))
                                        .toList());
                errors.statistics()
                        .put(
                                line.name,
                                mixes.stream()
                                        .map(mix -> (Statistic) Ratio.of(mix[1], mix[2]))
                                        .toList());
            }
        }
        return List.of(accuracy, errors);
    }

    private Measure auroc(int exit) {
        Measure measure = Measure.named("AUROC of the score at exit " + exit, false);
        for (BoardLine line : lines) {
            if (line.ranked() && exit < line.exits()) {
                measure.statistics()
                        .put(
                                line.name,
                                each(line, run -> Auroc.of(run.trace.exits().get(exit - 1))));
            }
        }
        return measure;
    }

    /** Strategies on perturbed test inputs, with the thresholds that were sealed before. */
    private List<Measure> perturbed(int at) {
        RunRecord.Robustness how = lines.get(0).records.get(0).robustness().get(at);
        String under = " under " + how.perturbation() + " " + how.strength();
        Measure accuracy = Measure.named(Measure.ACCURACY + under, false);
        Measure errors = Measure.named(Measure.CONFIDENT_ERROR + under, true);
        int most = lines.stream().mapToInt(BoardLine::exits).max().orElse(0);
        List<Measure> aurocs = IntStream.range(1, most)
                .mapToObj(exit -> Measure.named("AUROC of the score at exit " + exit + under, false))
                .toList();
        for (BoardLine line : lines) {
            accuracy.statistics()
                    .put(
                            line.name,
                            each(
                                    line,
                                    run -> Ratio.oneLessMean(
                                            Run.wrong(run.perturbed.get(at).outcomes()))));
            if (line.records.stream()
                    .allMatch(record -> record.robustness().get(at).leftEarly() > 0)) {
                errors.statistics()
                        .put(
                                line.name,
                                each(
                                        line,
                                        run -> Ratio.of(
                                                run.perturbed.get(at).wrongEarly(),
                                                run.perturbed.get(at).early())));
            }
            for (int exit = 1; line.ranked() && exit < line.exits(); exit++) {
                int early = exit;
                aurocs.get(exit - 1)
                        .statistics()
                        .put(line.name, each(line, run -> run.perturbed.get(at).auroc(early)));
            }
        }
        List<Measure> measures = new ArrayList<>(List.of(accuracy, errors));
        measures.addAll(aurocs);
        for (String budget : BUDGETS.subList(0, BUDGETS.size() - 1)) {
            measures.add(perturbed(at, budget, under));
        }
        return measures;
    }

    /** Strategies that spend as much as each other on the perturbed inputs, by one threshold each. */
    private Measure perturbed(int at, String budget, String under) {
        double cost = Integer.parseInt(budget) / 100.0;
        Measure errors = Measure.named(Measure.CONFIDENT_ERROR + " at " + budget + " % MACs" + under, true);
        for (BoardLine line : lines) {
            List<double[][]> mixes = runs(line).stream()
                    .filter(run -> line.ranked())
                    .flatMap(run -> run
                            .perturbed
                            .get(at)
                            .atCost(
                                    run.record.cost().cumulative(),
                                    cost * run.record.cost().backbone())
                            .stream())
                    .toList();
            if (mixes.size() == seeds()) {
                errors.statistics()
                        .put(
                                line.name,
                                mixes.stream()
                                        .map(mix -> (Statistic) Ratio.of(mix[0], mix[1]))
                                        .toList());
            }
        }
        return errors;
    }

    private List<Statistic> each(BoardLine line, java.util.function.Function<Run, Statistic> statistic) {
        return runs(line).stream().map(statistic).toList();
    }

    private List<Comparison> pairs(Measure measure, Map<String, PairedBootstrap.Figure> figures) {
        List<String> names = List.copyOf(figures.keySet());
        List<Comparison> raw = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                raw.add(pair(measure, names.get(i), names.get(j), figures));
            }
        }
        double[] holm = PairedTests.holm(raw.stream().mapToDouble(Comparison::p).toArray());
        double[] mcnemar = PairedTests.holm(raw.stream()
                .map(Comparison::mcnemar)
                .mapToDouble(test -> test == null ? 1 : test.p())
                .toArray());
        return IntStream.range(0, raw.size())
                .mapToObj(i -> corrected(raw.get(i), holm[i], mcnemar[i]))
                .toList();
    }

    private Comparison pair(Measure measure, String first, String second, Map<String, PairedBootstrap.Figure> figures) {
        PairedBootstrap.Figure one = java.util.Objects.requireNonNull(figures.get(first));
        PairedBootstrap.Figure other = java.util.Objects.requireNonNull(figures.get(second));
        PairedBootstrap.Difference difference = PairedBootstrap.compare(one, other);
        return new Comparison(
                measure.name(),
                measure.lowerIsBetter(),
                first,
                second,
                seeds(),
                samples(),
                one.value(),
                other.value(),
                difference.difference(),
                difference.low(),
                difference.high(),
                difference.p(),
                difference.p(),
                measure.name().equals(Measure.ACCURACY) ? mcnemar(first, second) : null);
    }

    private Comparison.McNemar mcnemar(String first, String second) {
        List<Outcomes> one = operating.getOrDefault(first, List.of());
        List<Outcomes> other = operating.getOrDefault(second, List.of());
        int onlyFirst = 0;
        int onlySecond = 0;
        for (int sample = 0; sample < samples(); sample++) {
            int more = 0;
            for (int seed = 0; seed < one.size(); seed++) {
                more += (one.get(seed).right(sample) ? 1 : 0) - (other.get(seed).right(sample) ? 1 : 0);
            }
            onlyFirst += more > 0 ? 1 : 0;
            onlySecond += more < 0 ? 1 : 0;
        }
        double p = PairedTests.mcnemar(onlyFirst, onlySecond);
        return new Comparison.McNemar(onlyFirst, onlySecond, p, p);
    }

    private static Comparison corrected(Comparison raw, double holm, double mcnemarHolm) {
        Comparison.@Nullable McNemar test = raw.mcnemar();
        return new Comparison(
                raw.measure(),
                raw.lowerIsBetter(),
                raw.first(),
                raw.second(),
                raw.seeds(),
                raw.samples(),
                raw.firstValue(),
                raw.secondValue(),
                raw.difference(),
                raw.low(),
                raw.high(),
                raw.p(),
                holm,
                test == null
                        ? null
                        : new Comparison.McNemar(test.onlyFirst(), test.onlySecond(), test.p(), mcnemarHolm));
    }
}
