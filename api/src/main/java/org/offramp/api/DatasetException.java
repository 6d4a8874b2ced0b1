package org.offramp.api;

import org.jspecify.annotations.Nullable;

/** A data file is missing, broken or inconsistent. An expected error: the user sees the message without a stack trace. */
public final class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error without a cause.
     *
     * @param message names the file, the place in it, what was found and what was expected
     */
    public DatasetException(String message) {
        super(message);
    }

    /**
     * An error with a cause.
     *
     * @param message names the file, the place in it, what was found and what was expected
     * @param cause the cause, shown with {@code --debug}
     */
    public DatasetException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
