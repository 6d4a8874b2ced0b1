package org.offramp.host.leaderboard;

import java.util.List;

/** One colour for each strategy, the same in every figure and table of a board. */
final class Colours {
    private static final String[] PALETTE = {
        "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#65a30d", "#0f766e", "#b45309",
        "#4f46e5", "#9333ea"
    };
    private static final String[] CONTROLS = {"#475569", "#78716c", "#64748b", "#a16207"};
    private static final String ORACLE = "#94a3b8";

    private final List<BoardLine> lines;

    Colours(List<BoardLine> lines) {
        this.lines = lines;
    }

    String of(BoardLine line) {
        if (line.oracle()) {
            return ORACLE;
        }
        List<String> names = lines.stream()
                .filter(other -> other.ranked() == line.ranked())
                .map(other -> other.name)
                .toList();
        String[] palette = line.ranked() ? PALETTE : CONTROLS;
        return palette[Math.max(0, names.indexOf(line.name)) % palette.length];
    }

    String dot(BoardLine line) {
        return "<i class=\"" + (line.ranked() ? "dot" : "square") + "\" style=\"background:" + of(line) + "\"></i>";
    }

    /** The colour of an exit, early to late. */
    static String exit(int exit) {
        return PALETTE[(exit - 1) % PALETTE.length];
    }
}
