package org.offramp.host.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.offramp.host.plugin.PluginProblem;
import org.yaml.snakeyaml.nodes.Node;

/** Gathers what is wrong with a document. */
final class Problems {
    private final String file;
    private final List<String> lines = new ArrayList<>();
    private final SortedMap<String, String> places = new TreeMap<>();
    private final Set<PluginProblem> suspects = new LinkedHashSet<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Node node, String path, String message) {
        lines.add(place(node) + ": " + (path.isEmpty() ? "" : path + ": ") + message);
    }

    /** Remembers where a key was given, for what is found wrong later. */
    void note(Node node, String path) {
        places.put(path, place(node));
    }

    Places places() {
        return new Places(file, places);
    }

    private String place(Node node) {
        if (node.getStartMark() == null) {
            return file;
        }
        String name = node.getStartMark().getName();
        return name.startsWith("--set")
                ? name
                : file + ":" + (node.getStartMark().getLine() + 1);
    }

    /** A name is missing that one of these plugins may bring. */
    void suspect(Collection<PluginProblem> plugins) {
        suspects.addAll(plugins);
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    List<String> lines() {
        return lines;
    }

    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfigurationException(lines, List.copyOf(suspects));
        }
    }

    /** "; allowed: …; did you mean …?" */
    static String allowed(String given, Collection<String> names) {
        Optional<String> nearest = names.stream()
                .min(Comparator.comparingInt(name -> distance(given, name)))
                .filter(name -> distance(given, name) <= Math.max(2, given.length() / 3));
        return "; allowed: " + String.join(", ", names)
                + nearest.map(name -> "; did you mean '" + name + "'?").orElse("");
    }

    /** Levenshtein's distance. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
