package org.offramp.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.offramp.api.ComponentFactory;
import org.offramp.host.plugin.LoadedPlugin;
import org.offramp.host.plugin.PluginProblem;
import org.offramp.host.plugin.PluginRegistry;

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
        List<String> lines = wrapped(cells[COMPONENTS]);
        String[] first = cells.clone();
        first[COMPONENTS] = lines.get(0);
        rows.add(first);
        for (String line : lines.subList(1, lines.size())) {
            String[] next = new String[cells.length];
            Arrays.fill(next, "");
            next[COMPONENTS] = line;
            rows.add(next);
        }
    }

    private static List<String> wrapped(String names) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String name : names.split("(?<=, )", -1)) {
            if (!line.isEmpty() && line.length() + name.strip().length() > WIDEST_COMPONENTS) {
                lines.add(line.strip());
                line = "";
            }
            line += name;
        }
        lines.add(line);
        return lines;
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
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + GAP));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        for (PluginProblem problem : problems) {
            text.append('\n').append(problem.plugin()).append(": ").append(problem.message());
            text.append('\n').append("  at:   ").append(shortened(problem.location()));
            text.append('\n').append("  cure: ").append(problem.cure()).append('\n');
        }
        return text.toString();
    }
}
