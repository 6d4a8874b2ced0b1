package org.offramp.api;

/** Training cannot go on for a reason the user can mend: the message says what, where and which key to change. */
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param message names the phase, what was found and what would help
     */
    public TrainingException(String message) {
        super(message);
    }
}
