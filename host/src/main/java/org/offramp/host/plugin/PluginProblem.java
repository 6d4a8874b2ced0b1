package org.offramp.host.plugin;

/**
 * Why a plugin cannot be used.
 *
 * @param plugin the plugin's name as far as it is known; otherwise its folder's
 * @param version its version as far as it is known; otherwise {@code "-"}
 * @param location the file or folder that is to be mended
 * @param message what is wrong
 * @param cure what to do about it
 */
public record PluginProblem(String plugin, String version, String location, String message, String cure) {
    @Override
    public String toString() {
        return plugin + ": " + message + " (" + location + "); " + cure;
    }
}
