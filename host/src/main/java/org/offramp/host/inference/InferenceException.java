package org.offramp.host.inference;

/** A batch cannot be answered: the message names the sample and the exit. */
public final class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param message names the sample and the exit
     */
    public InferenceException(String message) {
        super(message);
    }
}
