package org.offramp.host.graph;

/** A function cannot be written down as a list of operations; the message names the Block and the operation. */
public final class UntraceableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param message names the Block and the operation
     */
    public UntraceableException(String message) {
        super(message);
    }
}
