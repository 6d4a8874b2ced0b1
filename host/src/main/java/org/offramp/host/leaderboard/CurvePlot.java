package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The accuracy–MACs curves. */
final class CurvePlot {
    static final String CAPTION =
            "Curves: thresholds chosen on the calibration split for a range of budgets, figures from the test split. Large dots: the"
                    + " calibrated operating point. Squares: controls. Dashed: the oracle, a bound. With several seeds the curve is the"
                    + " first seed's, the points are means.";
    private static final int WIDTH = 900;
    private static final int HEIGHT = 470;

    private CurvePlot() {}

    static String html(List<BoardLine> lines, Colours colours) {
        if (lines.isEmpty()) {
            return "<p>No strategy finished.</p>";
        }
        List<Double> costs = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        for (BoardLine line : lines) {
            costs.add(line.macs());
            accuracies.add(line.accuracy());
            for (RunRecord.Point point : curve(line)) {
                costs.add(point.macsFraction());
                accuracies.add(point.accuracy());
            }
        }
        Plot plot = new Plot(WIDTH, HEIGHT, Plot.Range.of(costs, 0.04, 0.02), Plot.Range.of(accuracies, 0.06, 0.005))
                .axes(
                        "mean MACs per sample, % of the backbone",
                        BoardWriter::whole, 9, "test accuracy, %", BoardWriter::percent, 8);
        lines.stream().filter(BoardLine::oracle).forEach(line -> plot.across(line.accuracy(), colours.of(line)));
        for (BoardLine line : lines) {
            plot.line(
                    curve(line).stream()
                            .map(point -> new Plot.At(point.macsFraction(), point.accuracy()))
                            .toList(),
                    colours.of(line),
                    "",
                    line.name);
        }
        for (BoardLine line : lines) {
            String title = String.format(
                    Locale.ROOT,
                    "%s: %s %% at %s %% of the MACs",
                    line.name,
                    BoardWriter.percent(line.accuracy()),
                    BoardWriter.percent(line.macs()));
            Plot.At at = new Plot.At(line.macs(), line.accuracy());
            if (line.ranked()) {
                plot.dot(at, 6.5, colours.of(line), title);
            } else {
                plot.square(at, colours.of(line), title);
            }
        }
        String legend = lines.stream()
                .map(line -> "<li>" + colours.dot(line) + Plot.escape(line.name) + "</li>")
                .collect(Collectors.joining());
        return "<div class=\"beside\">" + plot.svg("accuracy against mean MACs") + "<ul class=\"legend\">" + legend
                + "</ul></div>";
    }

    static String legend(List<BoardLine> lines, Colours colours) {
        return "<p class=\"legend\">"
                + lines.stream()
                        .map(line -> "<span>" + colours.dot(line) + Plot.escape(line.name) + "</span>")
                        .collect(Collectors.joining())
                + "</p>";
    }

    private static List<RunRecord.Point> curve(BoardLine line) {
        return line.records.get(0).test().curve();
    }
}
