package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.offramp.host.config.RunConfig;

/** The board as one page: figures as SVG, tables, details. It needs no network; a script shows one choice of several. */
final class BoardPage {
    private static final String STYLE = """
            :root{color-scheme:light dark;--ink:#1e293b;--soft:#64748b;--line:#e2e8f0;--paper:#fff;--card:#f8fafc;--good:#dcfce7;--bad:#fee2e2;--goodink:#166534;--badink:#991b1b}
            @media(prefers-color-scheme:dark){:root{--ink:#e2e8f0;--soft:#94a3b8;--line:#334155;--paper:#0f172a;--card:#1e293b;--good:#14532d;--bad:#7f1d1d;--goodink:#bbf7d0;--badink:#fecaca}}
            *{box-sizing:border-box}
            body{font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;color:var(--ink);background:var(--paper);max-width:1340px;margin:1.6rem auto;padding:0 1rem}
            h1{margin:0 0 .2rem;font-size:1.7rem}h2{margin:2.2rem 0 .5rem;font-size:1.2rem}h3{margin:1.2rem 0 .3rem;font-size:1rem}
            p,figcaption,li{color:var(--soft);margin:.3rem 0}p,ul.legend{max-width:78rem}
            .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.86rem}
            .wide table{width:100%}
            th{text-align:right;color:var(--soft);font-weight:600;padding:.3rem .45rem;border-bottom:2px solid var(--line);vertical-align:bottom;line-height:1.25;white-space:nowrap}
            td{text-align:right;padding:.32rem .45rem;border-bottom:1px solid var(--line);white-space:nowrap}
            th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}
            .kept{color:#059669;font-weight:600}.missed{color:#dc2626;font-weight:600}.control td{color:var(--soft)}td.left{text-align:left}
            .dot,.square{display:inline-block;width:.72em;height:.72em;border-radius:50%;margin-right:.45em}.square{border-radius:2px}
            .bar{display:inline-flex;width:84px;height:10px;border-radius:3px;overflow:hidden;vertical-align:middle;margin-right:.5em}
            .bar i{display:block;height:100%;border-right:1px solid var(--paper)}
            svg{background:var(--card);border-radius:10px;max-width:100%;height:auto}svg text{fill:var(--soft);font:12px system-ui,"Segoe UI","DejaVu Sans",sans-serif}
            .grid{stroke:var(--line)}.mark{stroke:var(--card);stroke-width:1.5}
            .legend span{margin-right:1.2em;white-space:nowrap}ul.legend{list-style:none;padding:0;margin:0 1rem;font-size:.9rem}
            .plots{display:flex;flex-wrap:wrap;gap:14px;margin:.8rem 0}figure{margin:0;width:232px}figcaption{font-size:.78rem;line-height:1.35}
            .beside{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin:.8rem 0}
            .matrix td{text-align:center}.matrix td:nth-child(-n+2){text-align:left}.matrix th{text-align:center}
            .better{background:var(--good);color:var(--goodink)}.worse{background:var(--bad);color:var(--badink)}.tie{color:var(--soft)}
            select{font:inherit;padding:.25rem .5rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--ink)}
            @media(max-width:1000px){table{font-size:.74rem}th,td{padding:.25rem .28rem}.bar{display:none}body{padding:0 .6rem}}
            details{margin:.4rem 0}summary{cursor:pointer;color:var(--soft)}code{font-size:.85em;overflow-wrap:anywhere}
            """;
    private static final String SCRIPT =
            "<script>for(const s of document.querySelectorAll('select'))s.onchange=()=>{for(const d of"
                    + " document.querySelectorAll('.'+s.id))d.hidden=d.dataset.choice!==s.value}</script>"
                    + "<noscript><style>[data-choice]{display:block!important}select{display:none}</style></noscript>";

    private final List<BoardLine> lines;
    private final Colours colours;

    private BoardPage(List<BoardLine> lines) {
        this.lines = lines.stream().filter(BoardLine::finished).toList();
        this.colours = new Colours(this.lines);
    }

    static String html(RunConfig config, List<BoardLine> all, ComparisonTables compared) {
        BoardPage page = new BoardPage(all);
        StringBuilder text = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>Offramp leaderboard</title><style>");
        text.append(STYLE).append("</style></head><body><h1>Offramp leaderboard</h1>");
        text.append("<p>Data <b>").append(Plot.escape(config.data().name())).append("</b> · seeds ");
        text.append(config.seeds()).append(page.sizes()).append("</p>");
        paragraph(text, BoardWriter.RULE);
        text.append("<h2>Accuracy and MACs</h2>").append(CurvePlot.html(page.lines, page.colours));
        paragraph(text, CurvePlot.CAPTION);
        text.append("<h2>Strategies</h2>").append(page.table(BoardColumns.COST));
        for (BoardLine line : all) {
            for (String failure : line.failures) {
                text.append("<p class=\"missed\">")
                        .append(Plot.escape(line.name + ": " + failure))
                        .append("</p>");
            }
        }
        text.append("<h2>Clock and training</h2>").append(page.table(BoardColumns.CLOCK));
        ClockOrder.sentences(page.lines).forEach(sentence -> paragraph(text, sentence));
        text.append("<h2>Confidence</h2>").append(page.table(BoardColumns.CONFIDENCE));
        paragraph(
                text,
                "Of those that left before the last exit: how many are wrong (the confident-error rate), and by how much their mean"
                        + " confidence exceeds their accuracy, in percentage points. ECE, NLL, Brier score and AURC are of the answers given;"
                        + " AUROC says how well the policy's score tells right from wrong at each early exit, over all samples.");
        text.append("<h2>Reliability and risk</h2>").append(page.confidence());
        text.append("<h2>Classes and overthinking</h2>").append(page.table(BoardColumns.CLASSES));
        paragraph(
                text,
                "Wasteful: ran to the last exit and was right, though an earlier exit was right as well. Destructive: an earlier exit was"
                        + " right, the last is wrong. Destructive exits: left early and wrong, where the last exit is right.");
        Map<String, String> robustness = RobustnessPlots.html(page.lines, page.colours);
        if (!robustness.isEmpty()) {
            text.append("<h2>Robustness</h2>").append(choice("robustness", "Perturbation", robustness));
            paragraph(text, RobustnessPlots.CAPTION);
        }
        text.append("<h2>Compared on the same samples</h2>").append(page.comparisons(compared));
        text.append("<h2>Details</h2>").append(page.details());
        text.append("<h2>How it is counted</h2>");
        paragraph(
                text,
                "MACs are multiply-accumulates of convolutions, linear layers and matrix products, of every stage and head that was"
                        + " evaluated, also where the sample went on. 100 % is the plain backbone without early heads. Thresholds were sealed"
                        + " before the test split was read. Every test sample was answered with early exits that really stop, and simulated"
                        + " from the trace; both agree. Times are medians of interleaved rounds on this machine.");
        return text.append(SCRIPT).append("</body></html>\n").toString();
    }

    private static void paragraph(StringBuilder text, String sentence) {
        text.append("<p>").append(Plot.escape(sentence)).append("</p>");
    }

    private String sizes() {
        return lines.isEmpty()
                ? ""
                : " · "
                        + lines.get(0).records.get(0).sizes().entrySet().stream()
                                .map(size -> size.getValue() + " " + size.getKey())
                                .collect(Collectors.joining(", "))
                        + " samples";
    }

    private String table(List<BoardColumns.Column> columns) {
        StringBuilder text = new StringBuilder("<div class=\"scroll wide\"><table><tr>");
        columns.forEach(
                column -> text.append("<th>").append(column.brokenName()).append("</th>"));
        text.append("</tr>");
        for (BoardLine line : lines) {
            text.append(line.ranked() ? "<tr>" : "<tr class=\"control\">");
            columns.forEach(
                    column -> text.append(column.name().equals(BoardColumns.EXITS) ? "<td class=\"left\">" : "<td>")
                            .append(cell(column, line))
                            .append("</td>"));
            text.append("</tr>");
        }
        return text.append("</table></div>").toString();
    }

    private String cell(BoardColumns.Column column, BoardLine line) {
        String plain = Plot.escape(column.plain().apply(line));
        return switch (column.name()) {
            case "strategy" -> colours.dot(line) + plain;
            case BoardColumns.EXITS -> bar(line) + plain;
            case BoardColumns.PROMISE ->
                plain.equals("–")
                        ? plain
                        : "<span class=\"" + (plain.equals("kept") ? "kept" : "missed") + "\">" + plain + "</span>";
            default -> plain;
        };
    }

    private String bar(BoardLine line) {
        StringBuilder text = new StringBuilder("<span class=\"bar\">");
        for (int exit = 0; exit < line.exits(); exit++) {
            int at = exit;
            text.append(String.format(
                    Locale.ROOT,
                    "<i style=\"width:%.1f%%;background:%s;opacity:%.2f\"></i>",
                    100 * line.test(test -> test.exitRates()[at]),
                    colours.of(line),
                    1 - 0.75 * exit / Math.max(1, line.exits() - 1)));
        }
        return text.append("</span>").toString();
    }

    /** A choice of contents, of which the first is shown until another is chosen. */
    private static String choice(String id, String label, Map<String, String> contents) {
        StringBuilder options = new StringBuilder();
        StringBuilder blocks = new StringBuilder();
        contents.forEach((name, content) -> {
            String escaped = Plot.escape(name);
            options.append("<option>").append(escaped).append("</option>");
            blocks.append("<div class=\"")
                    .append(id)
                    .append("\" data-choice=\"")
                    .append(escaped)
                    .append('"');
            blocks.append(blocks.length() > 0 && blocks.indexOf("</div>") > 0 ? " hidden>" : ">");
            blocks.append("<h3>")
                    .append(escaped)
                    .append("</h3>")
                    .append(content)
                    .append("</div>");
        });
        return "<p><label>" + label + " <select id=\"" + id + "\">" + options + "</select></label></p>" + blocks;
    }

    private String confidence() {
        Map<String, String> contents = new LinkedHashMap<>();
        lines.stream()
                .filter(line -> !line.oracle())
                .forEach(line -> contents.put(line.name, ConfidencePlots.html(line)));
        return choice("confidence", "Strategy", contents) + "<p>" + Plot.escape(ConfidencePlots.CAPTION) + "</p>";
    }

    private String comparisons(ComparisonTables compared) {
        if (compared.measures().isEmpty()) {
            return "<p>There is no seed that two strategies finished.</p>";
        }
        Map<String, String> contents = new LinkedHashMap<>();
        compared.measures().forEach(measure -> contents.put(measure, compared.html(measure, lines, colours)));
        return choice("measure", "By", contents) + "<p>" + Plot.escape(ComparisonTables.CAPTION) + "</p>";
    }

    private String details() {
        List<String> parts = new ArrayList<>();
        for (BoardLine line : lines) {
            RunRecord record = line.records.get(0);
            RunRecord.Calibration calibration = record.calibration();
            parts.add("<p><b>" + Plot.escape(line.name) + "</b> (seed " + record.seed() + "): "
                    + (calibration == null
                            ? "control " + record.control()
                            : "goal " + Plot.escape(calibration.goal()) + ", " + calibration.search() + " thresholds "
                                    + calibration.thresholds()
                                    + (calibration.reachable()
                                            ? ""
                                            : ", <span class=\"missed\">goal out of reach on calibration</span>"))
                    + "; accuracy of each exit over all samples "
                    + percents(record.test().exits().stream()
                            .map(exit -> exit.all().accuracy())
                            .toList())
                    + ", of those that left there "
                    + percents(record.test().exits().stream()
                            .map(exit -> exit.left().accuracy())
                            .toList())
                    + "; live = simulated for " + record.checks().liveEqualsSimulated() + " samples, borderline "
                    + record.checks().borderline() + "; MACs to each exit "
                    + record.cost().cumulative()
                    + notes(record.training().notes())
                    + "; execution " + Plot.escape(line.timings.get(0).execution()) + "</p>");
        }
        if (!lines.isEmpty()) {
            RunRecord record = lines.get(0).records.get(0);
            parts.add("<p><code>" + Plot.escape(record.versions() + " " + record.hashes()) + "</code></p>");
        }
        return "<details><summary>Goals, thresholds, checks, versions and hashes</summary>" + String.join("", parts)
                + "</details>";
    }

    private static String notes(List<String> notes) {
        return notes.isEmpty() ? "" : "; trainers noted: " + Plot.escape(String.join("; ", notes));
    }

    private static String percents(List<Double> fractions) {
        return String.join(" / ", fractions.stream().map(BoardWriter::percent).toList()) + " %";
    }
}
