package org.offramp.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows a finished board. */
final class Boards {
    private Boards() {}

    /** The board's tables of accuracy, cost and time, as Markdown. */
    static String summary(Path output) {
        try {
            String board = Files.readString(output.resolve("board.md"));
            int next = board.indexOf("\n## Confidence");
            return next < 0 ? board : board.substring(0, next);
        } catch (IOException e) {
            throw new UncheckedIOException("the board cannot be read", e);
        }
    }
}
