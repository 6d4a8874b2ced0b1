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
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;
import org.offramp.host.config.RunConfig;

/** Writes a run's board: Markdown, CSV and a page that needs no network. */
final class BoardWriter {
    /** Ranking, in one sentence. */
    static final String RULE =
            "Ranked by area: the mean of the best test accuracy within a budget, over all budgets from the cheapest"
                    + " one that every ranked strategy can keep to 100 % of the backbone's MACs; a rank is shared within 0.1 points. Controls"
                    + " are not ranked.";

    private static final int AREA_STEPS = 200;
    private static final double TIE = 0.001;

    private BoardWriter() {}

    /** One strategy over its seeds. */
    static final class Line {
        final String name;
        final List<BoardRow> rows;
        final List<RunRecord> records;
        final List<Timings> timings;
        final List<String> failures;
        double area;
        int rank;

        Line(String name, List<BoardRow> rows) {
            this.name = name;
            this.rows = rows;
            this.records =
                    rows.stream().map(BoardRow::record).filter(Objects::nonNull).toList();
            this.timings = rows.stream()
                    .map(BoardRow::timings)
                    .filter(Objects::nonNull)
                    .toList();
            this.failures = rows.stream()
                    .map(BoardRow::failure)
                    .filter(Objects::nonNull)
                    .toList();
        }

        boolean finished() {
            return !records.isEmpty();
        }

        boolean ranked() {
            return finished() && records.get(0).ranked();
        }

        String control() {
            return finished() ? records.get(0).control() : "none";
        }

        double mean(ToDoubleFunction<RunRecord> figure) {
            return records.stream().mapToDouble(figure).average().orElse(0);
        }

        double meanTime(ToDoubleFunction<Timings> figure) {
            return timings.stream().mapToDouble(figure).average().orElse(0);
        }

        long kept() {
            return records.stream()
                    .filter(record -> record.test().promise().equals("kept"))
                    .count();
        }

        boolean promised() {
            return records.stream().noneMatch(record -> record.test().promise().equals("none"));
        }

        /** Half the 95 % interval of the accuracy: over seeds by Student's t from three on, else Wilson's. */
        double halfWidth() {
            int n = records.size();
            if (n < 3) {
                return mean(record ->
                        (record.test().accuracyInterval()[1] - record.test().accuracyInterval()[0]) / 2);
            }
            double mean = mean(record -> record.test().accuracy());
            double squares = records.stream()
                    .mapToDouble(record -> Math.pow(record.test().accuracy() - mean, 2))
                    .sum();
            return new TDistribution(n - 1.0).inverseCumulativeProbability(0.975) * Math.sqrt(squares / (n - 1) / n);
        }

        @Nullable
        Double accuracyAt(String budget) {
            List<Double> figures = new ArrayList<>();
            for (RunRecord record : records) {
                Double figure = record.test().accuracyAt().get(budget);
                if (figure != null) {
                    figures.add(figure);
                }
            }
            return figures.size() == records.size() && finished()
                    ? figures.stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElse(0)
                    : null;
        }
    }

    static void write(Path directory, RunConfig config, List<BoardRow> rows) {
        List<Line> lines = order(rows);
        try {
            replace(directory.resolve("board.md"), markdown(config, lines));
            replace(directory.resolve("board.csv"), csv(lines));
            replace(directory.resolve("board.html"), BoardPage.html(config, lines));
        } catch (IOException e) {
            throw new UncheckedIOException("the board cannot be written to " + directory, e);
        }
    }

    private static void replace(Path file, String text) throws IOException {
        RunRecordStore.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static List<Line> order(List<BoardRow> rows) {
        Map<String, List<BoardRow>> byName = rows.stream()
                .collect(Collectors.groupingBy(BoardRow::strategy, LinkedHashMap::new, Collectors.toList()));
        List<Line> lines = new ArrayList<>();
        byName.forEach((name, own) -> lines.add(new Line(name, own)));
        double from = lines.stream()
                .filter(Line::ranked)
                .flatMap(line -> line.records.stream())
                .mapToDouble(record -> record.test().curve().get(0).macsFraction())
                .max()
                .orElse(0);
        lines.stream().filter(Line::ranked).forEach(line -> line.area = line.mean(record -> area(record, from)));
        lines.sort(Comparator.comparing((Line line) -> !line.finished())
                .thenComparing(line -> !line.ranked())
                .thenComparing(line -> -line.area)
                .thenComparing(line -> line.mean(record -> record.test().macsFraction())));
        for (int i = 0; i < lines.size() && lines.get(i).ranked(); i++) {
            boolean tied = i > 0 && lines.get(i - 1).area - lines.get(i).area < TIE;
            lines.get(i).rank = tied ? lines.get(i - 1).rank : i + 1;
        }
        return lines;
    }

    /** The mean over budgets of the best accuracy within the budget. */
    static double area(RunRecord record, double from) {
        double sum = 0;
        for (int i = 0; i <= AREA_STEPS; i++) {
            double budget = from + (Math.max(1, from) - from) * i / AREA_STEPS;
            sum += record.test().curve().stream()
                    .filter(point -> point.macsFraction() <= budget + 1e-12)
                    .mapToDouble(RunRecord.Point::accuracy)
                    .max()
                    .orElse(0);
        }
        return sum / (AREA_STEPS + 1);
    }

    static String place(Line line) {
        if (line.ranked()) {
            return String.valueOf(line.rank);
        }
        return line.control().equals("oracle") ? "bound" : "control";
    }

    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f", 100 * fraction);
    }

    static String optional(@Nullable Double fraction) {
        return fraction == null ? "–" : percent(fraction);
    }

    static String micros(double nanos) {
        return nanos == 0 ? "–" : String.format(Locale.ROOT, nanos < 1e5 ? "%.1f" : "%.0f", nanos / 1e3);
    }

    static String millions(double macs) {
        return String.format(Locale.ROOT, macs < 1e7 ? "%.3f" : "%.1f", macs / 1e6);
    }

    static String promise(Line line) {
        if (!line.promised()) {
            return "–";
        }
        return line.kept() == line.records.size()
                ? "kept"
                : "missed " + (line.records.size() - line.kept()) + "/" + line.records.size();
    }

    static String rates(Line line) {
        List<String> parts = new ArrayList<>();
        int exits = line.records.get(0).test().exitRates().length;
        for (int exit = 0; exit < exits; exit++) {
            int at = exit;
            parts.add(String.format(
                    Locale.ROOT, "%.0f", 100 * line.mean(record -> record.test().exitRates()[at])));
        }
        return String.join("/", parts);
    }

    static String speedUp(Line line, ToDoubleFunction<Timings> full, ToDoubleFunction<Timings> early) {
        double time = line.meanTime(early);
        return time == 0 ? "–" : String.format(Locale.ROOT, "%.2f×", line.meanTime(full) / time);
    }

    private static String markdown(RunConfig config, List<Line> lines) {
        StringBuilder text = new StringBuilder("# Leaderboard\n\nData ")
                .append(config.data().name())
                .append(", seeds ")
                .append(config.seeds())
                .append(". ")
                .append(RULE)
                .append(
                        "\n\n| # | strategy | area % | accuracy % | backbone % | MACs % | M MACs | exits % | mean exit | at 25/50/75/100 % |"
                                + " promise | µs/sample b1 full → early | b64 full → early | training G MACs | training s |\n"
                                + "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (Line line : lines) {
            if (!line.finished()) {
                text.append("| | ")
                        .append(line.name)
                        .append(" | failed: ")
                        .append(line.failures.get(0))
                        .append(" |\n");
                continue;
            }
            text.append("| ")
                    .append(place(line))
                    .append(" | ")
                    .append(line.name)
                    .append(" | ")
                    .append(line.ranked() ? percent(line.area) : "–")
                    .append(" | ")
                    .append(percent(line.mean(record -> record.test().accuracy())))
                    .append(" ± ")
                    .append(percent(line.halfWidth()))
                    .append(" | ")
                    .append(percent(line.mean(record -> record.test().lastExitAccuracy())))
                    .append(" | ")
                    .append(percent(line.mean(record -> record.test().macsFraction())))
                    .append(" | ")
                    .append(millions(line.mean(record -> record.test().meanMacs())))
                    .append(" | ")
                    .append(rates(line))
                    .append(" | ")
                    .append(String.format(
                            Locale.ROOT,
                            "%.2f",
                            line.mean(record -> record.test().meanExit())))
                    .append(" | ")
                    .append(optional(line.accuracyAt("25")))
                    .append(" / ")
                    .append(optional(line.accuracyAt("50")))
                    .append(" / ")
                    .append(optional(line.accuracyAt("75")))
                    .append(" / ")
                    .append(optional(line.accuracyAt("100")))
                    .append(" | ")
                    .append(promise(line))
                    .append(" | ")
                    .append(micros(line.meanTime(Timings::full1)))
                    .append(" → ")
                    .append(micros(line.meanTime(Timings::early1)))
                    .append(" | ")
                    .append(micros(line.meanTime(Timings::full64)))
                    .append(" → ")
                    .append(micros(line.meanTime(Timings::early64)))
                    .append(" | ")
                    .append(String.format(
                            Locale.ROOT,
                            "%.1f",
                            line.mean(record -> record.training().macs()) / 1e9))
                    .append(" | ")
                    .append(String.format(Locale.ROOT, "%.1f", line.meanTime(Timings::trainingSeconds)))
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String csv(List<Line> lines) {
        StringBuilder text = new StringBuilder(
                "strategy,seed,ranked,control,accuracy,last_exit_accuracy,mean_macs,macs_fraction,mean_exit,promise,"
                        + "accuracy_25,accuracy_50,accuracy_75,accuracy_100,full1_ns,early1_ns,full64_ns,early64_ns,"
                        + "training_macs,training_seconds,failure\n");
        for (Line line : lines) {
            for (BoardRow row : line.rows) {
                text.append(row.strategy()).append(',').append(row.seed()).append(',');
                RunRecord record = row.record();
                Timings timings = row.timings();
                if (record == null || timings == null) {
                    text.append(",".repeat(18))
                            .append('"')
                            .append(String.valueOf(row.failure()).replace("\"", "\"\""))
                            .append("\"\n");
                    continue;
                }
                List<Object> cells = new ArrayList<>(List.of(
                        record.ranked(),
                        record.control(),
                        record.test().accuracy(),
                        record.test().lastExitAccuracy(),
                        record.test().meanMacs(),
                        record.test().macsFraction(),
                        record.test().meanExit(),
                        record.test().promise()));
                for (String budget : List.of("25", "50", "75", "100")) {
                    Double figure = record.test().accuracyAt().get(budget);
                    cells.add(figure == null ? "" : figure);
                }
                cells.addAll(List.of(
                        timings.full1(),
                        timings.early1(),
                        timings.full64(),
                        timings.early64(),
                        record.training().macs(),
                        timings.trainingSeconds(),
                        ""));
                text.append(cells.stream().map(String::valueOf).collect(Collectors.joining(",")))
                        .append('\n');
            }
        }
        return text.toString();
    }
}
