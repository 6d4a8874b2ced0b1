package org.offramp.host.leaderboard;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.offramp.host.config.RunConfig;

/** The board as Markdown: a readable choice of the figures. */
final class BoardMarkdown {
    private BoardMarkdown() {}

    static String text(RunConfig config, List<BoardLine> lines, ComparisonTables compared) {
        StringBuilder text = new StringBuilder("# Leaderboard\n\nData ");
        text.append(config.data().name())
                .append(", seeds ")
                .append(config.seeds())
                .append(". ")
                .append(BoardWriter.RULE);
        text.append("\n\n");
        table(text, BoardColumns.COST, lines);
        for (BoardLine line : lines) {
            for (String failure : line.failures) {
                text.append("\n**")
                        .append(line.name)
                        .append("** failed: ")
                        .append(failure)
                        .append('\n');
            }
        }
        text.append("\n## Clock and training\n\n");
        table(text, BoardColumns.CLOCK, lines);
        ClockOrder.sentences(lines)
                .forEach(sentence -> text.append('\n').append(sentence).append('\n'));
        text.append(
                "\n## Confidence\n\nOf those that left before the last exit: how many are wrong (the confident-error rate), and by how much"
                        + " their mean confidence exceeds their accuracy. ECE, NLL and Brier score are of the answers given. AUROC: how well the"
                        + " policy's score tells right from wrong at each early exit, over all samples.\n\n");
        table(text, BoardColumns.CONFIDENCE, lines);
        text.append("\n## Classes and overthinking\n\n");
        table(text, BoardColumns.CLASSES, lines);
        if (!RobustnessPlots.kinds(lines).isEmpty()) {
            text.append(
                    "\n## Robustness\n\nTest inputs perturbed after the thresholds were sealed, by strength: accuracy % / MACs % / wrong"
                            + " of those that left early %.\n");
            text.append(RobustnessPlots.markdown(lines));
        }
        text.append("\n## Compared on the same samples\n");
        text.append(compared.markdown(lines));
        text.append("\nAll pairs and measures, with intervals, McNemar's test and equal mean MACs: comparisons.csv.\n");
        return text.toString();
    }

    private static void table(StringBuilder text, List<BoardColumns.Column> columns, List<BoardLine> lines) {
        row(text, columns, BoardColumns.Column::plainName);
        row(text, columns, column -> "---");
        for (BoardLine line : lines) {
            if (line.finished()) {
                row(text, columns, column -> column.plain().apply(line));
            }
        }
    }

    private static void row(
            StringBuilder text, List<BoardColumns.Column> columns, Function<BoardColumns.Column, String> cell) {
        text.append(columns.stream().map(cell).collect(Collectors.joining(" | ", "| ", " |\n")));
    }
}
