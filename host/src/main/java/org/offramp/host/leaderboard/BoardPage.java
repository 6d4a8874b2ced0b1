package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.offramp.host.config.RunConfig;
import org.offramp.host.leaderboard.BoardWriter.Line;

/** The board as one page: the accuracy–MACs curves as SVG, the table, the details. No script, no network. */
final class BoardPage {
    private static final String[] COLOURS = {
        "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#65a30d", "#475569", "#b45309",
        "#0d9488", "#9333ea"
    };
    private static final int WIDTH = 860;
    private static final int HEIGHT = 440;
    private static final int LEFT = 64;
    private static final int RIGHT = 20;
    private static final int TOP = 18;
    private static final int BOTTOM = 52;
    private static final String STYLE = """
            :root{color-scheme:light dark;--ink:#1e293b;--soft:#64748b;--line:#e2e8f0;--paper:#fff;--card:#f8fafc}
            @media(prefers-color-scheme:dark){:root{--ink:#e2e8f0;--soft:#94a3b8;--line:#334155;--paper:#0f172a;--card:#1e293b}}
            body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1180px;margin:2rem auto;padding:0 1rem}
            h1{margin:0 0 .2rem;font-size:1.6rem}h2{margin:2rem 0 .5rem;font-size:1.15rem}p{color:var(--soft);margin:.3rem 0}
            .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.88rem}
            th{text-align:right;color:var(--soft);font-weight:600;padding:.35rem .5rem;border-bottom:2px solid var(--line);vertical-align:bottom}
            td{text-align:right;padding:.35rem .5rem;border-bottom:1px solid var(--line);white-space:nowrap}
            th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}
            .kept{color:#059669;font-weight:600}.missed{color:#dc2626;font-weight:600}.control td{color:var(--soft)}
            .dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em}
            .bar{display:inline-flex;width:90px;height:10px;border-radius:3px;overflow:hidden;vertical-align:middle}
            .bar i{display:block;height:100%;border-right:1px solid var(--paper)}
            svg{background:var(--card);border-radius:10px;max-width:100%;height:auto}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
            code{font-size:.85em}
            """;

    private final List<Line> lines;
    private double left = Double.MAX_VALUE;
    private double right = -Double.MAX_VALUE;
    private double low = Double.MAX_VALUE;
    private double high = -Double.MAX_VALUE;

    private BoardPage(List<Line> lines) {
        this.lines = lines.stream().filter(Line::finished).toList();
    }

    static String html(RunConfig config, List<Line> lines) {
        BoardPage page = new BoardPage(lines);
        StringBuilder text = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>Offramp leaderboard</title><style>");
        text.append(STYLE).append("</style></head><body><h1>Offramp leaderboard</h1>");
        text.append("<p>Data <b>")
                .append(escape(config.data().name()))
                .append("</b> · seeds ")
                .append(config.seeds())
                .append(page.sizes())
                .append("</p><p>")
                .append(escape(BoardWriter.RULE))
                .append("</p>");
        text.append("<h2>Accuracy and MACs</h2>").append(page.figure());
        text.append(
                "<p>Curves: thresholds chosen on the calibration split for a range of budgets, figures from the test split."
                        + " Large dots: the calibrated operating point. Squares: controls. Dashed: the oracle, a bound."
                        + " Several seeds: the first seed's curve, points are means.</p>");
        text.append("<h2>Strategies</h2>").append(page.table());
        lines.stream()
                .filter(line -> !line.failures.isEmpty())
                .forEach(line -> text.append("<p class=\"missed\">")
                        .append(escape(line.name + ": " + String.join("; ", line.failures)))
                        .append("</p>"));
        text.append("<h2>Details</h2>").append(page.details());
        text.append(
                "<h2>How it is counted</h2><p>MACs are multiply-accumulates of convolutions, linear layers and matrix products, of"
                        + " every stage and head that was evaluated, also where the sample went on. 100 % is the plain backbone without early"
                        + " heads. Thresholds were sealed before the test split was read. Every test sample was answered with early exits that"
                        + " really stop, and simulated from the trace; both agree. Times are medians of interleaved rounds on this machine.</p>");
        return text.append("</body></html>\n").toString();
    }

    private String sizes() {
        return lines.isEmpty()
                ? ""
                : " · samples " + lines.get(0).records.get(0).sizes();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private String colour(Line line) {
        return line.control().equals("oracle") ? "#94a3b8" : COLOURS[lines.indexOf(line) % COLOURS.length];
    }

    private void include(double x, double y) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        low = Math.min(low, y);
        high = Math.max(high, y);
    }

    private double x(double macs) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (macs - left) / (right - left);
    }

    private double y(double accuracy) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (accuracy - low) / (high - low);
    }

    private static double macs(Line line) {
        return line.mean(record -> record.test().macsFraction());
    }

    private static double accuracy(Line line) {
        return line.mean(record -> record.test().accuracy());
    }

    private String figure() {
        if (lines.isEmpty()) {
            return "<p>No strategy finished.</p>";
        }
        for (Line line : lines) {
            include(macs(line), accuracy(line));
            line.records.get(0).test().curve().forEach(point -> include(point.macsFraction(), point.accuracy()));
        }
        double padX = Math.max(0.02, 0.05 * (right - left));
        double padY = Math.max(0.005, 0.06 * (high - low));
        include(left - padX, low - padY);
        include(right + padX, high + padY);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">", WIDTH, HEIGHT, WIDTH));
        axes(svg);
        for (Line line : lines) {
            curve(svg, line);
        }
        for (Line line : lines) {
            point(svg, line);
        }
        return svg.append("</svg>").append(legend()).toString();
    }

    private String legend() {
        return "<p>"
                + lines.stream()
                        .map(line ->
                                "<span style=\"margin-right:1.2em;white-space:nowrap\"><span class=\"dot\" style=\"background:"
                                        + colour(line) + "\"></span>" + escape(line.name) + "</span>")
                        .collect(Collectors.joining())
                + "</p>";
    }

    private void axes(StringBuilder svg) {
        double stepX = step(right - left);
        for (double tick = Math.ceil(left / stepX) * stepX; tick <= right; tick += stepX) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"var(--line)\"/>"
                            + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>",
                    x(tick),
                    x(tick),
                    TOP,
                    HEIGHT - BOTTOM,
                    x(tick),
                    HEIGHT - BOTTOM + 18,
                    100 * tick + 0.0001));
        }
        double stepY = step(high - low);
        for (double tick = Math.ceil(low / stepY) * stepY; tick <= high; tick += stepY) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"var(--line)\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT,
                    WIDTH - RIGHT,
                    y(tick),
                    y(tick),
                    LEFT - 8,
                    y(tick) + 4,
                    BoardWriter.percent(tick)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">mean MACs per sample, %% of the backbone</text>"
                        + "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">test accuracy, %%</text>",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 12,
                (TOP + HEIGHT - BOTTOM) / 2));
    }

    private static double step(double range) {
        double raw = range / 7;
        double magnitude = Math.pow(10, Math.floor(Math.log10(raw)));
        double ratio = raw / magnitude;
        return magnitude * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
    }

    private void curve(StringBuilder svg, Line line) {
        String points = line.records.get(0).test().curve().stream()
                .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", x(point.macsFraction()), y(point.accuracy())))
                .collect(Collectors.joining(" "));
        if (!points.isEmpty()) {
            svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
                    .append(colour(line))
                    .append("\" points=\"")
                    .append(points)
                    .append("\"><title>")
                    .append(escape(line.name))
                    .append("</title></polyline>");
        }
    }

    private void point(StringBuilder svg, Line line) {
        double px = x(macs(line));
        double py = y(accuracy(line));
        String title = String.format(
                Locale.ROOT,
                "<title>%s: %s %% at %s %% of the MACs</title>",
                escape(line.name),
                BoardWriter.percent(accuracy(line)),
                BoardWriter.percent(macs(line)));
        if (line.control().equals("oracle")) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"6 5\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    py,
                    py,
                    colour(line)));
        }
        boolean control = !line.ranked();
        svg.append(
                control
                        ? String.format(
                                Locale.ROOT,
                                "<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\">%s</rect>",
                                px - 5,
                                py - 5,
                                colour(line),
                                title)
                        : String.format(
                                Locale.ROOT,
                                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6.5\" fill=\"%s\" stroke=\"var(--card)\" stroke-width=\"2\">%s</circle>",
                                px,
                                py,
                                colour(line),
                                title));
    }

    private String table() {
        StringBuilder text = new StringBuilder(
                "<div class=\"scroll\"><table><tr><th>#</th><th>strategy</th><th>area %</th><th>accuracy %</th>"
                        + "<th>backbone %</th><th>MACs %</th><th>M MACs<br>a sample</th><th>exit rates</th><th>mean<br>exit</th>"
                        + "<th>accuracy % at<br>25 / 50 / 75 / 100 % MACs</th><th>promise<br>on test</th><th>speed-up<br>in MACs</th>"
                        + "<th>clock, batch 1<br>µs full → early</th><th>clock, batch 64<br>µs full → early</th>"
                        + "<th>training<br>G MACs</th><th>training<br>s</th></tr>");
        for (Line line : lines) {
            String place = BoardWriter.place(line);
            String promise = BoardWriter.promise(line);
            text.append("<tr")
                    .append(line.ranked() ? "" : " class=\"control\"")
                    .append("><td>")
                    .append(place)
                    .append("</td><td><span class=\"dot\" style=\"background:")
                    .append(colour(line))
                    .append("\"></span>")
                    .append(escape(line.name));
            cell(text, line.ranked() ? BoardWriter.percent(line.area) : "–");
            cell(text, BoardWriter.percent(accuracy(line)) + " ± " + BoardWriter.percent(line.halfWidth()));
            cell(text, BoardWriter.percent(line.mean(record -> record.test().lastExitAccuracy())));
            cell(text, BoardWriter.percent(macs(line)));
            cell(text, BoardWriter.millions(line.mean(record -> record.test().meanMacs())));
            cell(text, bar(line));
            cell(
                    text,
                    String.format(
                            Locale.ROOT,
                            "%.2f",
                            line.mean(record -> record.test().meanExit())));
            cell(
                    text,
                    List.of("25", "50", "75", "100").stream()
                            .map(budget -> BoardWriter.optional(line.accuracyAt(budget)))
                            .collect(Collectors.joining(" / ")));
            cell(
                    text,
                    "<span class=\"" + (promise.equals("kept") ? "kept" : promise.equals("–") ? "" : "missed") + "\">"
                            + promise + "</span>");
            cell(text, String.format(Locale.ROOT, "%.2f×", 1 / macs(line)));
            cell(text, clock(line, true));
            cell(text, clock(line, false));
            cell(
                    text,
                    String.format(
                            Locale.ROOT,
                            "%.1f",
                            line.mean(record -> record.training().macs()) / 1e9));
            cell(text, String.format(Locale.ROOT, "%.1f", line.meanTime(Timings::trainingSeconds)));
            text.append("</td></tr>");
        }
        return text.append("</table></div>").toString();
    }

    private static void cell(StringBuilder text, String content) {
        text.append("</td><td>").append(content);
    }

    private static String clock(Line line, boolean one) {
        double full = line.meanTime(one ? Timings::full1 : Timings::full64);
        double early = line.meanTime(one ? Timings::early1 : Timings::early64);
        return early == 0
                ? "–"
                : BoardWriter.micros(full) + " → " + BoardWriter.micros(early) + " (<b>"
                        + (one
                                ? BoardWriter.speedUp(line, Timings::full1, Timings::early1)
                                : BoardWriter.speedUp(line, Timings::full64, Timings::early64))
                        + "</b>)";
    }

    private String bar(Line line) {
        StringBuilder text = new StringBuilder("<span class=\"bar\" title=\"")
                .append(BoardWriter.rates(line))
                .append(" %\">");
        int exits = line.records.get(0).test().exitRates().length;
        for (int exit = 0; exit < exits; exit++) {
            int at = exit;
            text.append(String.format(
                    Locale.ROOT,
                    "<i style=\"width:%.1f%%;background:%s;opacity:%.2f\"></i>",
                    100 * line.mean(record -> record.test().exitRates()[at]),
                    colour(line),
                    1 - 0.75 * exit / Math.max(1, exits - 1)));
        }
        return text.append("</span>").toString();
    }

    private String details() {
        List<String> parts = new ArrayList<>();
        for (Line line : lines) {
            RunRecord record = line.records.get(0);
            RunRecord.Calibration calibration = record.calibration();
            parts.add("<p><b>" + escape(line.name) + "</b> (seed " + record.seed() + "): "
                    + (calibration == null
                            ? "control " + record.control()
                            : "goal " + escape(calibration.goal()) + ", " + calibration.search() + " thresholds "
                                    + calibration.thresholds()
                                    + (calibration.reachable()
                                            ? ""
                                            : ", <span class=\"missed\">goal out of reach on calibration</span>"))
                    + "; accuracy of each exit over all samples "
                    + percents(record.test().exitAccuracy())
                    + ", of those that left there " + percents(record.test().leavingAccuracy())
                    + "; live = simulated for " + record.checks().liveEqualsSimulated() + " samples, borderline "
                    + record.checks().borderline() + "; MACs to each exit "
                    + record.cost().cumulative()
                    + "; execution " + line.timings.get(0).execution() + "</p>");
        }
        if (!lines.isEmpty()) {
            RunRecord record = lines.get(0).records.get(0);
            parts.add("<p><code>" + escape(record.versions() + " " + record.hashes()) + "</code></p>");
        }
        return String.join("", parts);
    }

    private static String percents(double[] fractions) {
        List<String> parts = new ArrayList<>();
        for (double fraction : fractions) {
            parts.add(BoardWriter.percent(fraction));
        }
        return String.join(" / ", parts) + " %";
    }
}
