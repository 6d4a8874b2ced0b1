package org.offramp.host.leaderboard;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The columns of the board's tables, for Markdown and for the page. */
final class BoardColumns {
    private BoardColumns() {}

    /**
     * One column.
     *
     * @param name its name; a bar marks where it may be broken
     * @param plain the cell
     */
    record Column(String name, Function<BoardLine, String> plain) {
        String plainName() {
            return name.replace("|", " ");
        }

        String brokenName() {
            return Plot.escape(name).replace("|", "<br>");
        }
    }

    static final String EXITS = "exits %";
    static final String PROMISE = "promise|on test";

    private static final Column PLACE = new Column("#", BoardWriter::place);
    private static final Column NAME = new Column("strategy", line -> line.name);

    static final List<Column> COST = List.of(
            PLACE,
            NAME,
            new Column("area %", line -> line.ranked() ? BoardWriter.percent(line.area) : "–"),
            new Column(
                    "accuracy %",
                    line -> BoardWriter.percent(line.accuracy()) + " ± " + BoardWriter.percent(line.halfWidth())),
            percent("backbone %", RunRecord.Test::lastExitAccuracy),
            percent("MACs %", RunRecord.Test::macsFraction),
            new Column("M MACs|a sample", line -> BoardWriter.millions(line.test(RunRecord.Test::meanMacs))),
            new Column(EXITS, BoardWriter::rates),
            number("mean|exit", "%.2f", RunRecord.Test::meanExit),
            new Column("accuracy % within MACs of|25 / 50 / 75 / 100 %", BoardWriter::accuraciesAt),
            new Column(PROMISE, BoardWriter::promise));

    static final List<Column> CLOCK = List.of(
            PLACE,
            NAME,
            new Column("speed-up|in MACs", line -> String.format(Locale.ROOT, "%.2f×", 1 / line.macs())),
            new Column("batch 1: µs a sample|full → early", line -> times(line, Timings::full1, Timings::early1)),
            new Column("speed-up|batch 1", line -> BoardWriter.speedUp(line, Timings::full1, Timings::early1)),
            new Column("batch 64: µs a sample|full → early", line -> times(line, Timings::full64, Timings::early64)),
            new Column("speed-up|batch 64", line -> BoardWriter.speedUp(line, Timings::full64, Timings::early64)),
            new Column(
                    "training|G MACs",
                    line -> String.format(
                            Locale.ROOT,
                            "%.1f",
                            line.mean(record -> record.training().macs()) / 1e9)),
            new Column(
                    "training|s", line -> String.format(Locale.ROOT, "%.1f", line.meanTime(Timings::trainingSeconds))));

    static final List<Column> CONFIDENCE = List.of(
            PLACE,
            NAME,
            new Column("left|early %", line -> BoardWriter.percent(line.leftEarly())),
            new Column("wrong of|those %", line -> BoardWriter.optional(line.confidentErrorRate())),
            new Column("confidence −|accuracy", line -> BoardWriter.points(line.overConfidence())),
            percent("ECE %", test -> test.answered().ece()),
            number("NLL|nats", "%.3f", test -> test.answered().nll()),
            number("Brier|score", "%.3f", test -> test.answered().brier()),
            number("AURC", "%.4f", test -> test.answered().aurc()),
            new Column("AUROC at the|early exits", BoardWriter::aurocs));

    static final List<Column> CLASSES = List.of(
            PLACE,
            NAME,
            percent("macro-F1|%", RunRecord.Test::macroF1),
            percent("balanced|accuracy %", RunRecord.Test::balancedAccuracy),
            number("Cohen's|κ", "%.3f", RunRecord.Test::kappa),
            percent("wasteful|%", test -> test.overthinking().wasteful()),
            percent("destructive|%", test -> test.overthinking().destructive()),
            percent("destructive|exits %", test -> test.overthinking().destructiveExits()),
            percent("some exit|right %", test -> test.overthinking().oracleAccuracy()),
            percent("oracle|gap %", test -> test.overthinking().oracleGap()));

    private static Column percent(String name, ToDoubleFunction<RunRecord.Test> figure) {
        return new Column(name, line -> BoardWriter.percent(line.test(figure)));
    }

    private static Column number(String name, String format, ToDoubleFunction<RunRecord.Test> figure) {
        return new Column(name, line -> String.format(Locale.ROOT, format, line.test(figure)));
    }

    private static String times(BoardLine line, ToDoubleFunction<Timings> full, ToDoubleFunction<Timings> early) {
        return line.meanTime(early) == 0
                ? "–"
                : BoardWriter.micros(line.meanTime(full)) + " → " + BoardWriter.micros(line.meanTime(early));
    }
}
