package org.offramp.host.plugin;

import java.nio.file.Path;

/** One plugin cannot be used; the others are not concerned. */
final class BrokenPlugin extends Exception {
    private static final long serialVersionUID = 1L;

    private final String cure;

    /**
     * A fault.
     *
     * @param message what is wrong
     * @param cure what to do about it
     */
    BrokenPlugin(String message, String cure) {
        super(message);
        this.cure = cure;
    }

    PluginProblem problem(String plugin, String version, Path location) {
        return new PluginProblem(plugin, version, location.toString(), String.valueOf(getMessage()), cure);
    }

    PluginProblem problem(String plugin, String version, String location) {
        return new PluginProblem(plugin, version, location, String.valueOf(getMessage()), cure);
    }
}
