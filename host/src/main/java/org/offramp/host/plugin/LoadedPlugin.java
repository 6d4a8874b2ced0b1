package org.offramp.host.plugin;

import org.offramp.api.StrategyPlugin;

/**
 * A plugin that can be used.
 *
 * @param plugin the plugin
 * @param version its version
 * @param location where it was found
 */
public record LoadedPlugin(StrategyPlugin plugin, String version, String location) {}
