package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.offramp.host.metrics.Figures;

/** The board as tables for other programs: one row per strategy and seed, per exit, and per comparison. */
final class BoardCsv {
    private BoardCsv() {}

    /** One column of {@code board.csv}. */
    private record Column(String name, Function<BoardRow, @Nullable Object> value) {}

    private static Column test(String name, Function<RunRecord.Test, @Nullable Object> value) {
        return new Column(
                name,
                row -> row.record() == null ? null : value.apply(row.record().test()));
    }

    private static Column record(String name, Function<RunRecord, @Nullable Object> value) {
        return new Column(name, row -> row.record() == null ? null : value.apply(row.record()));
    }

    private static Column time(String name, Function<Timings, @Nullable Object> value) {
        return new Column(name, row -> row.timings() == null ? null : value.apply(row.timings()));
    }

    private static Column budget(String budget) {
        return test("accuracy_" + budget, test -> {
            RunRecord.Point point = test.accuracyAt().get(budget);
            return point == null ? null : point.accuracy();
        });
    }

    private static final List<Column> COLUMNS = List.of(
            new Column("strategy", BoardRow::strategy),
            new Column("seed", BoardRow::seed),
            record("ranked", RunRecord::ranked),
            record("control", RunRecord::control),
            test("accuracy", RunRecord.Test::accuracy),
            test("accuracy_low", test -> test.accuracyInterval()[0]),
            test("accuracy_high", test -> test.accuracyInterval()[1]),
            test("last_exit_accuracy", RunRecord.Test::lastExitAccuracy),
            test("mean_macs", RunRecord.Test::meanMacs),
            test("macs_fraction", RunRecord.Test::macsFraction),
            test("mean_exit", RunRecord.Test::meanExit),
            test(
                    "exit_rates",
                    test -> Arrays.stream(test.exitRates())
                            .mapToObj(String::valueOf)
                            .collect(Collectors.joining(" "))),
            test("promise", RunRecord.Test::promise),
            budget("25"),
            budget("50"),
            budget("75"),
            budget("100"),
            test("macro_f1", RunRecord.Test::macroF1),
            test("balanced_accuracy", RunRecord.Test::balancedAccuracy),
            test("kappa", RunRecord.Test::kappa),
            test("left_early", test -> test.leftEarly().samples()),
            test(
                    "confident_error_rate",
                    test -> test.leftEarly().samples() == 0
                            ? null
                            : Double.valueOf(1 - test.leftEarly().accuracy())),
            test(
                    "over_confidence_left_early",
                    test -> test.leftEarly().samples() == 0
                            ? null
                            : Double.valueOf(test.leftEarly().overConfidence())),
            test("ece", test -> test.answered().ece()),
            test("nll", test -> test.answered().nll()),
            test("brier", test -> test.answered().brier()),
            test("wasteful", test -> test.overthinking().wasteful()),
            test("destructive", test -> test.overthinking().destructive()),
            test("destructive_exits", test -> test.overthinking().destructiveExits()),
            test("oracle_accuracy", test -> test.overthinking().oracleAccuracy()),
            test("oracle_gap", test -> test.overthinking().oracleGap()),
            time("full1_ns", Timings::full1),
            time("early1_ns", Timings::early1),
            time("full64_ns", Timings::full64),
            time("early64_ns", Timings::early64),
            record("training_macs", record -> record.training().macs()),
            time("training_seconds", Timings::trainingSeconds),
            new Column("failure", BoardRow::failure));

    /** One row per strategy and seed. */
    static String board(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        row(text, COLUMNS.stream().map(Column::name).toList());
        lines.stream().flatMap(line -> line.rows.stream()).forEach(row -> {
            List<@Nullable Object> cells = new ArrayList<>();
            COLUMNS.forEach(column -> cells.add(column.value.apply(row)));
            row(text, cells);
        });
        return text.toString();
    }

    /** One row per strategy, seed and exit, for all samples and for those that left there. */
    static String exits(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        row(
                text,
                List.of(
                        "strategy",
                        "seed",
                        "exit",
                        "of",
                        "macs",
                        "samples",
                        "accuracy",
                        "confidence",
                        "over_confidence",
                        "ece",
                        "auroc",
                        "aurc",
                        "nll",
                        "brier"));
        for (BoardLine line : lines) {
            for (RunRecord record : line.records) {
                for (int exit = 1; exit <= line.exits(); exit++) {
                    RunRecord.Exit figures = record.test().exits().get(exit - 1);
                    exit(text, record, exit, "all", figures.all());
                    exit(text, record, exit, "left", figures.left());
                }
            }
        }
        return text.toString();
    }

    private static void exit(StringBuilder text, RunRecord record, int exit, String of, Figures figures) {
        List<@Nullable Object> cells = new ArrayList<>(List.of(
                record.strategy(),
                record.seed(),
                exit,
                of,
                record.cost().cumulative().get(exit - 1),
                figures.samples(),
                figures.accuracy(),
                figures.confidence(),
                figures.overConfidence(),
                figures.ece()));
        cells.add(figures.auroc());
        cells.addAll(List.of(figures.aurc(), figures.nll(), figures.brier()));
        row(text, cells);
    }

    /** One row per strategy, seed and point: of the curve, and of budgeted batch classification. */
    static String curves(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        row(text, List.of("strategy", "seed", "of", "macs_fraction", "accuracy", "confident_error_rate", "thresholds"));
        for (BoardLine line : lines) {
            for (RunRecord record : line.records) {
                record.test().curve().forEach(point -> point(text, record, "curve", point));
                record.test().budgetedBatch().forEach(point -> point(text, record, "budgeted-batch", point));
            }
        }
        return text.toString();
    }

    private static void point(StringBuilder text, RunRecord record, String of, RunRecord.Point point) {
        row(
                text,
                List.of(
                        record.strategy(),
                        record.seed(),
                        of,
                        point.macsFraction(),
                        point.accuracy(),
                        point.confidentErrorRate(),
                        String.join(" ", point.thresholds())));
    }

    /** One row per strategy, seed, perturbation and strength. */
    static String robustness(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        row(
                text,
                List.of(
                        "strategy",
                        "seed",
                        "perturbation",
                        "strength",
                        "accuracy",
                        "last_exit_accuracy",
                        "macro_f1",
                        "mean_macs",
                        "macs_fraction",
                        "mean_exit",
                        "left_early",
                        "confident_error_rate",
                        "over_confidence_left_early",
                        "auroc_exits"));
        for (BoardLine line : lines) {
            for (RunRecord record : line.records) {
                for (RunRecord.Robustness one : record.robustness()) {
                    row(
                            text,
                            List.of(
                                    record.strategy(),
                                    record.seed(),
                                    one.perturbation(),
                                    one.strength(),
                                    one.accuracy(),
                                    one.lastExitAccuracy(),
                                    one.macroF1(),
                                    one.meanMacs(),
                                    one.macsFraction(),
                                    one.meanExit(),
                                    one.leftEarly(),
                                    one.confidentErrorRate(),
                                    one.overConfidence(),
                                    one.auroc().stream().map(BoardCsv::cell).collect(Collectors.joining(" "))));
                }
            }
        }
        return text.toString();
    }

    /** One row per measure and pair. */
    static String comparisons(List<Comparison> comparisons) {
        StringBuilder text = new StringBuilder();
        row(
                text,
                List.of(
                        "measure",
                        "first",
                        "second",
                        "seeds",
                        "samples",
                        "first_value",
                        "second_value",
                        "difference",
                        "low95",
                        "high95",
                        "p_bootstrap",
                        "p_bootstrap_holm",
                        "significant",
                        "only_first_right",
                        "only_second_right",
                        "p_mcnemar",
                        "p_mcnemar_holm"));
        for (Comparison pair : comparisons) {
            List<@Nullable Object> cells = new ArrayList<>(List.of(
                    pair.measure(),
                    pair.first(),
                    pair.second(),
                    pair.seeds(),
                    pair.samples(),
                    pair.firstValue(),
                    pair.secondValue(),
                    pair.difference(),
                    pair.low(),
                    pair.high(),
                    pair.p(),
                    pair.holm(),
                    pair.significant()));
            Comparison.McNemar test = pair.mcnemar();
            cells.add(test == null ? null : test.onlyFirst());
            cells.add(test == null ? null : test.onlySecond());
            cells.add(test == null ? null : test.p());
            cells.add(test == null ? null : test.holm());
            row(text, cells);
        }
        return text.toString();
    }

    static void row(StringBuilder text, List<? extends @Nullable Object> cells) {
        text.append(cells.stream().map(BoardCsv::cell).collect(Collectors.joining(",")))
                .append('\n');
    }

    private static String cell(@Nullable Object value) {
        if (value == null || (value instanceof Double number && number.isNaN())) {
            return "";
        }
        String text = value.toString();
        return text.matches("[^\",\n\r]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
