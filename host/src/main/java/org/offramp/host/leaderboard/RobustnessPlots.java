package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** How accuracy, cost and confident errors change with the strength of each perturbation of the test inputs. */
final class RobustnessPlots {
    static final String CAPTION =
            "Test inputs perturbed after the thresholds were sealed; strength 0 is the clean test split. Dashed: controls. Means over the"
                    + " seeds.";

    private RobustnessPlots() {}

    /** The plots of each perturbation, by its name; empty where the run has none. */
    static Map<String, String> html(List<BoardLine> lines, Colours colours) {
        Map<String, String> plots = new LinkedHashMap<>();
        for (String kind : kinds(lines)) {
            plots.put(
                    kind,
                    "<div class=\"plots\">"
                            + plot(
                                    lines,
                                    colours,
                                    kind,
                                    "accuracy, %",
                                    RunRecord.Robustness::accuracy,
                                    line -> line.accuracy())
                            + plot(
                                    lines,
                                    colours,
                                    kind,
                                    "mean MACs, % of the backbone",
                                    RunRecord.Robustness::macsFraction,
                                    line -> line.macs())
                            + plot(
                                    leaving(lines),
                                    colours,
                                    kind,
                                    "wrong of those that left early, %",
                                    RunRecord.Robustness::confidentErrorRate,
                                    line -> Objects.requireNonNullElse(line.confidentErrorRate(), 0.0))
                            + "</div>" + CurvePlot.legend(shown(lines), colours));
        }
        return plots;
    }

    /** Those of which samples leave early. */
    private static List<BoardLine> leaving(List<BoardLine> lines) {
        return lines.stream()
                .filter(line -> line.finished() && line.confidentErrorRate() != null)
                .toList();
    }

    static Set<String> kinds(List<BoardLine> lines) {
        Set<String> kinds = new LinkedHashSet<>();
        lines.stream()
                .flatMap(line -> line.records.stream())
                .flatMap(record -> record.robustness().stream())
                .forEach(one -> kinds.add(one.perturbation()));
        return kinds;
    }

    private static List<BoardLine> shown(List<BoardLine> lines) {
        return lines.stream().filter(line -> line.finished() && !line.oracle()).toList();
    }

    private static String plot(
            List<BoardLine> all,
            Colours colours,
            String kind,
            String name,
            ToDoubleFunction<RunRecord.Robustness> figure,
            ToDoubleFunction<BoardLine> clean) {
        Map<BoardLine, List<Plot.At>> curves = new LinkedHashMap<>();
        for (BoardLine line : shown(all)) {
            List<Plot.At> points = new ArrayList<>(List.of(new Plot.At(0, clean.applyAsDouble(line))));
            for (double strength : strengths(line, kind)) {
                points.add(new Plot.At(strength, mean(line, kind, strength, figure)));
            }
            curves.put(line, points);
        }
        List<Double> values =
                curves.values().stream().flatMap(List::stream).map(Plot.At::y).toList();
        List<Double> strengths =
                curves.values().stream().flatMap(List::stream).map(Plot.At::x).toList();
        Plot plot = new Plot(390, 280, Plot.Range.fromZero(strengths, 0.01), Plot.Range.of(values, 0.06, 0.01))
                .axes(
                        "strength of " + kind,
                        value -> String.format(Locale.ROOT, "%.3g", value)
                                .replaceAll("(\\.\\d*?)0+$", "$1")
                                .replaceAll("\\.$", ""),
                        5,
                        name,
                        BoardWriter::whole,
                        6);
        curves.forEach((line, points) -> {
            plot.line(points, colours.of(line), line.ranked() ? "" : "stroke-dasharray:5 4", line.name);
            points.forEach(at -> plot.dot(
                    at,
                    3,
                    colours.of(line),
                    String.format(Locale.ROOT, "%s at %s: %s %%", line.name, at.x(), BoardWriter.percent(at.y()))));
        });
        return plot.svg(name + " against the strength of " + kind);
    }

    static List<Double> strengths(BoardLine line, String kind) {
        return line.records.get(0).robustness().stream()
                .filter(one -> one.perturbation().equals(kind))
                .map(RunRecord.Robustness::strength)
                .sorted()
                .toList();
    }

    static double mean(BoardLine line, String kind, double strength, ToDoubleFunction<RunRecord.Robustness> figure) {
        return line.records.stream()
                .flatMap(record -> record.robustness().stream())
                .filter(one -> one.perturbation().equals(kind) && one.strength() == strength)
                .mapToDouble(figure)
                .average()
                .orElse(Double.NaN);
    }

    /** One table for each perturbation: accuracy, MACs and confident-error rate at each strength. */
    static String markdown(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        for (String kind : kinds(lines)) {
            List<Double> strengths = strengths(shown(lines).get(0), kind);
            text.append("\n| strategy, ").append(kind).append(" | clean");
            strengths.forEach(strength -> text.append(" | ").append(strength));
            text.append(" |\n|---|---").append("|---".repeat(strengths.size())).append("|\n");
            for (BoardLine line : shown(lines)) {
                text.append("| ").append(line.name).append(" | ").append(BoardWriter.percent(line.accuracy()));
                text.append(" / ").append(BoardWriter.percent(line.macs())).append(" / ");
                text.append(BoardWriter.optional(line.confidentErrorRate()));
                for (double strength : strengths) {
                    text.append(" | ")
                            .append(BoardWriter.percent(mean(line, kind, strength, RunRecord.Robustness::accuracy)));
                    text.append(" / ")
                            .append(BoardWriter.percent(
                                    mean(line, kind, strength, RunRecord.Robustness::macsFraction)));
                    text.append(" / ");
                    text.append(
                            line.confidentErrorRate() == null
                                    ? "–"
                                    : BoardWriter.percent(
                                            mean(line, kind, strength, RunRecord.Robustness::confidentErrorRate)));
                }
                text.append(" |\n");
            }
        }
        return text.toString();
    }
}
