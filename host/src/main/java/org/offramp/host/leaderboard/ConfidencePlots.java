package org.offramp.host.leaderboard;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.offramp.host.metrics.Figures;
import org.offramp.host.metrics.Reliability;

/** For one strategy: a reliability plot of each exit, and the exits' risk–coverage curves. */
final class ConfidencePlots {
    static final String CAPTION =
            "Reliability: accuracy against confidence in 15 bins of equal width; bars for all samples, fainter where there are few, dots"
                    + " for those that left there, larger where they are many; on the diagonal confidence is right, below it an exit is"
                    + " over-confident. Risk–coverage: the error rate among the surest samples by the policy's score; lower is better."
                    + " First seed.";
    private static final int SIDE = 232;

    private ConfidencePlots() {}

    static String html(BoardLine line) {
        List<RunRecord.Exit> exits = line.records.get(0).test().exits();
        String reliability = IntStream.rangeClosed(1, exits.size())
                .mapToObj(exit -> reliability(exit, exits.size(), exits.get(exit - 1)))
                .collect(Collectors.joining());
        return "<div class=\"plots\">" + reliability + "</div>"
                + risk(exits, line.records.get(0).test().answered());
    }

    private static String reliability(int exit, int exits, RunRecord.Exit figures) {
        Plot plot = new Plot(SIDE, SIDE, 44, 42, new Plot.Range(0, 1), new Plot.Range(0, 1))
                .axes("confidence, %", BoardWriter::whole, 5, "accuracy, %", BoardWriter::whole, 5);
        List<Reliability.Bin> bins = figures.all().reliability();
        double most = bins.stream().mapToInt(Reliability.Bin::samples).max().orElse(1);
        for (int bin = 0; bin < bins.size(); bin++) {
            Reliability.Bin all = bins.get(bin);
            if (all.samples() > 0) {
                plot.bar(
                        bin / (double) bins.size(),
                        (bin + 1) / (double) bins.size(),
                        all.accuracy(),
                        Colours.exit(exit),
                        0.2 + 0.5 * Math.sqrt(all.samples() / most),
                        title(all));
            }
        }
        plot.line(List.of(new Plot.At(0, 0), new Plot.At(1, 1)), "var(--soft)", "stroke-dasharray:4 4", "calibrated");
        double mostLeft = Math.max(
                1,
                figures.left().reliability().stream()
                        .mapToInt(Reliability.Bin::samples)
                        .max()
                        .orElse(1));
        for (Reliability.Bin left : figures.left().reliability()) {
            if (left.samples() > 0) {
                plot.dot(
                        new Plot.At(left.confidence(), left.accuracy()),
                        2.5 + 3.5 * Math.sqrt(left.samples() / mostLeft),
                        "var(--ink)",
                        title(left));
            }
        }
        String name = exit == exits ? "exit " + exit + " (last)" : "exit " + exit;
        return "<figure>" + plot.svg("reliability of " + name) + "<figcaption><b>" + name + "</b><br>all: "
                + figures(figures.all()) + "<br>left there: "
                + (figures.left().samples() == 0 ? "none" : figures(figures.left())) + "</figcaption></figure>";
    }

    private static String title(Reliability.Bin bin) {
        return String.format(
                Locale.ROOT,
                "%d samples, confidence %.1f %%, accuracy %.1f %%",
                bin.samples(),
                100 * bin.confidence(),
                100 * bin.accuracy());
    }

    private static String figures(Figures figures) {
        return String.format(
                Locale.ROOT,
                "%d samples, ECE %.1f %%, conf. − acc. %+.1f",
                figures.samples(),
                100 * figures.ece(),
                100 * figures.overConfidence());
    }

    private static String risk(List<RunRecord.Exit> exits, Figures answered) {
        List<Double> risks = exits.stream()
                .flatMap(exit -> exit.all().riskCoverage().stream())
                .map(point -> point.risk())
                .toList();
        Plot plot = new Plot(620, 300, new Plot.Range(0, 1), Plot.Range.fromZero(risks, 0.01))
                .axes(
                        "coverage, % of the samples, surest first",
                        BoardWriter::whole, 10, "risk: wrong, %", BoardWriter::percent, 6);
        StringBuilder legend = new StringBuilder("<ul class=\"legend\">");
        for (int exit = 1; exit <= exits.size(); exit++) {
            Figures figures = exits.get(exit - 1).all();
            curve(plot, legend, figures, Colours.exit(exit), "", "exit " + exit + ", all samples");
        }
        curve(plot, legend, answered, "var(--ink)", "stroke-dasharray:5 4", "answers given, each at its exit");
        return "<div class=\"beside\">" + plot.svg("risk and coverage") + legend + "</ul></div>";
    }

    private static void curve(
            Plot plot, StringBuilder legend, Figures figures, String colour, String style, String name) {
        plot.line(
                figures.riskCoverage().stream()
                        .map(point -> new Plot.At(point.coverage(), point.risk()))
                        .toList(),
                colour,
                style,
                name);
        legend.append(String.format(
                Locale.ROOT,
                "<li><i class=\"dot\" style=\"background:%s\"></i>%s: AURC %.4f, AUROC %s</li>",
                colour,
                name,
                figures.aurc(),
                BoardWriter.decimals(figures.auroc())));
    }
}
