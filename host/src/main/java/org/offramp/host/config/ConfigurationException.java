package org.offramp.host.config;

import java.util.List;
import java.util.stream.Collectors;
import org.offramp.host.plugin.PluginProblem;

/** A configuration that cannot be used, with all its problems, one a line. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean selectsBrokenPlugin;

    /**
     * An error.
     *
     * @param problems each names the place, the value and what is allowed
     */
    public ConfigurationException(List<String> problems) {
        this(problems, List.of());
    }

    /**
     * An error that a plugin which cannot be loaded may be the cause of.
     *
     * @param problems each names the place, the value and what is allowed
     * @param suspects plugins that cannot be loaded, where a name is missing that one of them may bring
     */
    ConfigurationException(List<String> problems, List<PluginProblem> suspects) {
        super(String.join("\n", problems)
                + (problems.size() > 1 ? "\n" + problems.size() + " problems" : "")
                + (suspects.isEmpty() ? "" : "\nplugins that cannot be loaded, one of which may bring it:")
                + suspects.stream().map(plugin -> "\n  " + plugin).collect(Collectors.joining()));
        this.selectsBrokenPlugin = !suspects.isEmpty();
    }

    /** Whether a name is missing that a plugin which cannot be loaded may bring. */
    public boolean selectsBrokenPlugin() {
        return selectsBrokenPlugin;
    }
}
