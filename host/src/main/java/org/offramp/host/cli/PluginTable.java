package org.offramp.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.offramp.api.ComponentFactory;
import org.offramp.host.plugin.LoadedPlugin;
import org.offramp.host.plugin.PluginProblem;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** The plugins as a table, a row per kind of component; beneath it why the broken ones are broken. */
final class PluginTable {
    private static final int WIDEST_COMPONENTS = 44;
    private static final int COMPONENTS = 3;
    private static final int GAP = 2;

    private final List<String[]> rows = new ArrayList<>();
    private final List<PluginProblem> problems;

    private PluginTable(PluginRegistry registry) {
        row("NAME", "VERSION", "KIND", "COMPONENTS", "LOCATION", "STATE");
        registry.plugins().forEach(this::ready);
        problems = registry.problems();
        problems.forEach(problem ->
                row(problem.plugin(), problem.version(), "-", "-", shortened(problem.location()), "cannot be loaded"));
    }

    /** The table with a line end after every row. */
    static String of(PluginRegistry registry) {
        return new PluginTable(registry).text();
    }

    private void row(String... cells) {
        rows.add(cells);
    }

    private void ready(LoadedPlugin loaded) {
        Map<String, List<String>> kinds = new LinkedHashMap<>();
        for (ComponentFactory<?> factory : PluginRegistry.components(loaded.plugin())) {
            kinds.computeIfAbsent(PluginRegistry.kind(factory), kind -> new ArrayList<>())
                    .add(factory.name());
        }
        if (kinds.isEmpty()) {
            kinds.put("-", List.of("none"));
        }
        kinds.forEach((kind, names) -> row(
                loaded.plugin().name(),
                loaded.version(),
                kind,
                String.join(", ", names),
                shortened(loaded.location()),
                "ready"));
    }

    /** Seen from the working folder, where it lies in it. */
    private static String shortened(String location) {
        Path here = Path.of("").toAbsolutePath();
        Path path = Path.of(location);
        return path.isAbsolute() && path.startsWith(here) && !path.equals(here)
                ? here.relativize(path).toString()
                : location;
    }

    private String text() {
        Column[] columns = new Column[rows.get(0).length];
        for (int i = 0; i < columns.length; i++) {
            int column = i;
            int widest =
                    rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
            columns[i] = new Column(
                    (i == COMPONENTS ? Math.min(widest, WIDEST_COMPONENTS) : widest) + GAP, 0, Overflow.WRAP);
        }
        TextTable table = TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
        rows.forEach(table::addRowValues);
        StringBuilder text = new StringBuilder();
        table.toString()
                .lines()
                .map(String::stripTrailing)
                .forEach(line -> text.append(line).append('\n'));
        for (PluginProblem problem : problems) {
            text.append('\n').append(problem.plugin()).append(": ").append(problem.message());
            text.append('\n').append("  at:   ").append(shortened(problem.location()));
            text.append('\n').append("  cure: ").append(problem.cure()).append('\n');
        }
        return text.toString();
    }
}
