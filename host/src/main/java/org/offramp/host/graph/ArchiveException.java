package org.offramp.host.graph;

/** An archive is not one that Offramp wrote whole; the message says where it departs. */
public final class ArchiveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ArchiveException(String message) {
        super("the compiled archive is refused: " + message);
    }
}
