package org.offramp.host.bundle;

/** A bundle cannot be used; the message names the file and the reason. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param message names the file and the reason
     */
    public BundleException(String message) {
        super(message);
    }

    /**
     * An error with its cause.
     *
     * @param message names the file and the reason
     * @param cause the cause
     */
    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
