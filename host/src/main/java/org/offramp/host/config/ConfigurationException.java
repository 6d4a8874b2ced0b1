package org.offramp.host.config;

import java.util.List;

/** A configuration that cannot be used, with all its problems, one a line. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param problems each names the place, the value and what is allowed
     */
    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems) + (problems.size() > 1 ? "\n" + problems.size() + " problems" : ""));
    }
}
