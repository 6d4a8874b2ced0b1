package org.offramp.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows a finished board. */
final class Boards {
    private Boards() {}

    /** The board's table, as Markdown. */
    static String summary(Path output) {
        try {
            return Files.readString(output.resolve("board.md"));
        } catch (IOException e) {
            throw new UncheckedIOException("the board cannot be read", e);
        }
    }
}
