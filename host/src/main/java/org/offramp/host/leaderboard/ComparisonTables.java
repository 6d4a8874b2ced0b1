package org.offramp.host.leaderboard;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The paired comparisons: who is significantly better than whom. */
final class ComparisonTables {
    static final String CAPTION =
            "Row less column, in percentage points, on the same test samples; green: the row is significantly better, red: worse, grey: a tie"
                    + " (paired bootstrap, Holm-corrected over all pairs, 5 % level). Hold the pointer over a cell for the interval. Equal cost"
                    + " is reached by mixing neighbouring points of the curve.";

    private final Map<String, List<Comparison>> byMeasure;

    ComparisonTables(List<Comparison> comparisons) {
        this.byMeasure = comparisons.stream()
                .collect(Collectors.groupingBy(Comparison::measure, LinkedHashMap::new, Collectors.toList()));
    }

    List<String> measures() {
        return List.copyOf(byMeasure.keySet());
    }

    private List<Comparison> of(String measure) {
        return byMeasure.getOrDefault(measure, List.of());
    }

    /** The strategies that a strategy is significantly better than. */
    List<String> beaten(String measure, String name, List<BoardLine> lines) {
        return lines.stream()
                .map(line -> line.name)
                .filter(other -> of(measure).stream().anyMatch(pair -> pair.better(name, other)))
                .toList();
    }

    /** A matrix of one measure's differences. */
    String html(String measure, List<BoardLine> lines, Colours colours) {
        List<BoardLine> compared = lines.stream()
                .filter(line -> of(measure).stream()
                        .anyMatch(pair ->
                                pair.first().equals(line.name) || pair.second().equals(line.name)))
                .toList();
        if (compared.isEmpty()) {
            return "<p>Nothing to compare.</p>";
        }
        StringBuilder text = new StringBuilder(
                "<div class=\"scroll\"><table class=\"matrix\"><tr><th></th><th>strategy</th><th>value</th>");
        for (int i = 1; i <= compared.size(); i++) {
            text.append("<th>").append(i).append("</th>");
        }
        text.append("</tr>");
        for (int i = 0; i < compared.size(); i++) {
            BoardLine row = compared.get(i);
            text.append("<tr><td>").append(i + 1).append("</td><td>").append(colours.dot(row));
            text.append(Plot.escape(row.name))
                    .append("</td><td>")
                    .append(value(measure, row.name))
                    .append("</td>");
            for (BoardLine column : compared) {
                text.append(cell(measure, row.name, column.name));
            }
            text.append("</tr>");
        }
        return text.append("</table></div>").toString();
    }

    private String value(String measure, String name) {
        return of(measure).stream()
                .filter(pair -> pair.first().equals(name) || pair.second().equals(name))
                .findFirst()
                .map(pair -> pair.first().equals(name) ? pair.firstValue() : pair.secondValue())
                .map(value -> String.format(Locale.ROOT, "%.2f", 100 * value))
                .orElse("–");
    }

    private String cell(String measure, String row, String column) {
        Optional<Comparison> found = of(measure).stream()
                .filter(pair -> (pair.first().equals(row) && pair.second().equals(column))
                        || (pair.first().equals(column) && pair.second().equals(row)))
                .findFirst();
        if (found.isEmpty()) {
            return "<td>·</td>";
        }
        Comparison pair = found.get();
        boolean turned = pair.second().equals(row);
        double sign = turned ? -1 : 1;
        String kind = pair.better(row, column) ? "better" : pair.better(column, row) ? "worse" : "tie";
        Comparison.McNemar mcnemar = pair.mcnemar();
        String title = String.format(
                Locale.ROOT,
                "%s − %s: %+.2f points, 95 %% from %+.2f to %+.2f, p %.4f, Holm %.4f%s",
                row,
                column,
                sign * 100 * pair.difference(),
                100 * (turned ? -pair.high() : pair.low()),
                100 * (turned ? -pair.low() : pair.high()),
                pair.p(),
                pair.holm(),
                mcnemar == null
                        ? ""
                        : String.format(Locale.ROOT, "; McNemar p %.4f, Holm %.4f", mcnemar.p(), mcnemar.holm()));
        return String.format(
                Locale.ROOT,
                "<td class=\"%s\" title=\"%s\">%+.1f</td>",
                kind,
                Plot.escape(title),
                sign * 100 * pair.difference());
    }

    /** The significant differences of the measures that matter most, as Markdown. */
    String markdown(List<BoardLine> lines) {
        StringBuilder text = new StringBuilder();
        for (String measure : List.of(Measure.AREA, Measure.ACCURACY, Measure.CONFIDENT_ERROR)) {
            text.append("\n| strategy, by ")
                    .append(measure)
                    .append(" | % | significantly better than |\n|---|---|---|\n");
            for (BoardLine line : lines) {
                String value = value(measure, line.name);
                if (!value.equals("–")) {
                    List<String> beaten = beaten(measure, line.name, lines);
                    text.append("| ")
                            .append(line.name)
                            .append(" | ")
                            .append(value)
                            .append(" | ");
                    text.append(beaten.isEmpty() ? "nobody" : String.join(", ", beaten))
                            .append(" |\n");
                }
            }
        }
        return text.toString();
    }
}
