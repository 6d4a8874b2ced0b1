package org.offramp.host.leaderboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.offramp.host.config.RunConfig;
import org.offramp.host.training.Progress;

/** Writes a run's board: Markdown, CSV and a page that needs no network. */
final class BoardWriter {
    /** Ranking, in one sentence. */
    static final String RULE =
            "Ranked by area: the mean test accuracy over all budgets from the cheapest one that every ranked strategy can keep to 100 % of"
                    + " the backbone's MACs. A strategy's rank is one more than the number of those that are significantly better (paired"
                    + " bootstrap, Holm-corrected, 5 % level), so that ties share a rank. Controls are not ranked.";

    private BoardWriter() {}

    static void write(Path directory, RunConfig config, List<BoardRow> rows, Progress progress) {
        List<BoardLine> lines = order(rows);
        List<Comparison> comparisons = Comparisons.of(directory, lines, leastCost(lines));
        rank(lines, comparisons);
        ComparisonTables compared = new ComparisonTables(comparisons);
        try {
            replace(directory.resolve("board.md"), BoardMarkdown.text(config, lines, compared));
            replace(directory.resolve("board.csv"), BoardCsv.board(lines));
            replace(directory.resolve("exits.csv"), BoardCsv.exits(lines));
            replace(directory.resolve("curves.csv"), BoardCsv.curves(lines));
            replace(directory.resolve("comparisons.csv"), BoardCsv.comparisons(comparisons));
            if (!RobustnessPlots.kinds(lines).isEmpty()) {
                replace(directory.resolve("robustness.csv"), BoardCsv.robustness(lines));
            }
            replace(directory.resolve("board.html"), BoardPage.html(config, lines, compared));
        } catch (IOException e) {
            throw new UncheckedIOException("the board cannot be written to " + directory, e);
        }
        image(directory.resolve("board.png"), lines, progress);
    }

    private static void image(Path file, List<BoardLine> lines, Progress progress) {
        List<BoardLine> finished = lines.stream().filter(BoardLine::finished).toList();
        try {
            if (!finished.isEmpty()) {
                RunRecordStore.replace(file, BoardImage.png(finished, new Colours(finished)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the board's picture cannot be written to " + file, e);
        } catch (RuntimeException | InternalError | LinkageError e) {
            // A Java without fonts or without its drawing library: the page has the same curves.
            progress.say("board.png is not drawn, for this Java cannot draw text: " + e);
        }
    }

    private static void replace(Path file, String text) throws IOException {
        RunRecordStore.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The strategies, the best first, then controls, then failures. */
    static List<BoardLine> order(List<BoardRow> rows) {
        Map<String, List<BoardRow>> byName = rows.stream()
                .collect(Collectors.groupingBy(BoardRow::strategy, LinkedHashMap::new, Collectors.toList()));
        List<BoardLine> lines = new ArrayList<>();
        byName.forEach((name, own) -> lines.add(new BoardLine(name, own)));
        double from = leastCost(lines);
        lines.stream()
                .filter(BoardLine::ranked)
                .forEach(line ->
                        line.area = line.test(test -> Mixing.accuracy(test.curve(), Mixing.area(test.curve(), from))));
        lines.sort(Comparator.comparing((BoardLine line) -> !line.finished())
                .thenComparing(line -> !line.ranked())
                .thenComparing(line -> -line.area)
                .thenComparing(line -> line.finished() ? line.macs() : 0));
        return lines;
    }

    /** The cheapest mean cost that every ranked strategy reaches, as a fraction of the backbone's MACs. */
    private static double leastCost(List<BoardLine> lines) {
        return lines.stream()
                .filter(BoardLine::ranked)
                .flatMap(line -> line.records.stream())
                .mapToDouble(record -> record.test().curve().get(0).macsFraction())
                .max()
                .orElse(0);
    }

    /** One more than the number of strategies that are significantly better. */
    private static void rank(List<BoardLine> lines, List<Comparison> comparisons) {
        List<Comparison> areas = comparisons.stream()
                .filter(pair -> pair.measure().equals(Measure.AREA))
                .toList();
        for (BoardLine line : lines) {
            line.rank = 1
                    + (int) lines.stream()
                            .filter(other -> areas.stream().anyMatch(pair -> pair.better(other.name, line.name)))
                            .count();
        }
    }

    static String place(BoardLine line) {
        if (line.ranked()) {
            return String.valueOf(line.rank);
        }
        return line.oracle() ? "bound" : "control";
    }

    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f", 100 * fraction);
    }

    static String whole(double fraction) {
        return String.format(Locale.ROOT, "%.0f", 100 * fraction + 0.0);
    }

    static String optional(@Nullable Double fraction) {
        return fraction == null ? "–" : percent(fraction);
    }

    /** Signed percentage points. */
    static String points(@Nullable Double fraction) {
        return fraction == null ? "–" : String.format(Locale.ROOT, "%+.1f", 100 * fraction);
    }

    static String decimals(@Nullable Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    static String micros(double nanos) {
        return nanos == 0 ? "–" : String.format(Locale.ROOT, nanos < 1e5 ? "%.1f" : "%.0f", nanos / 1e3);
    }

    static String millions(double macs) {
        return String.format(Locale.ROOT, macs < 1e7 ? "%.3f" : "%.1f", macs / 1e6);
    }

    static String promise(BoardLine line) {
        if (!line.promised()) {
            return "–";
        }
        return line.kept() == line.records.size()
                ? "kept"
                : "missed " + (line.records.size() - line.kept()) + "/" + line.records.size();
    }

    static String rates(BoardLine line) {
        return perExit(
                line, exit -> String.format(Locale.ROOT, "%.0f", 100 * line.test(test -> test.exitRates()[exit])));
    }

    /** The AUROC of the policy's score against right or wrong at each early exit, over all samples. */
    static String aurocs(BoardLine line) {
        String all = perExit(
                line,
                exit -> decimals(
                        line.optional(test -> test.exits().get(exit).all().auroc())));
        return all.contains("/") ? all.substring(0, all.lastIndexOf('/')) : "–";
    }

    private static String perExit(BoardLine line, java.util.function.IntFunction<String> text) {
        List<String> parts = new ArrayList<>();
        for (int exit = 0; exit < line.exits(); exit++) {
            parts.add(text.apply(exit));
        }
        return String.join("/", parts);
    }

    static String accuraciesAt(BoardLine line) {
        return List.of("25", "50", "75", "100").stream()
                .map(budget -> optional(line.accuracyAt(budget)))
                .collect(Collectors.joining(" / "));
    }

    static String speedUp(BoardLine line, ToDoubleFunction<Timings> full, ToDoubleFunction<Timings> early) {
        double time = line.meanTime(early);
        return time == 0 ? "–" : String.format(Locale.ROOT, "%.2f×", line.meanTime(full) / time);
    }
}
