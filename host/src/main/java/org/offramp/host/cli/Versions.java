package org.offramp.host.cli;

import ai.djl.engine.Engine;
import java.util.SortedMap;
import java.util.TreeMap;
import org.offramp.api.StrategyPlugin;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;

/** What takes part, by version. */
final class Versions implements CommandLine.IVersionProvider {
    static final String OFFRAMP = "0.1.0";

    @Override
    public String[] getVersion() {
        return new String[] {"offramp " + OFFRAMP + ", SPI " + StrategyPlugin.SPI_VERSION};
    }

    static SortedMap<String, String> of(PluginRegistry registry) {
        SortedMap<String, String> versions = new TreeMap<>();
        versions.put("offramp", OFFRAMP);
        versions.put("spi", StrategyPlugin.SPI_VERSION);
        versions.put("djl", Engine.getDjlVersion());
        versions.put(
                "engine",
                Engine.getInstance().getEngineName() + " "
                        + Engine.getInstance().getVersion());
        registry.plugins()
                .forEach(loaded -> versions.put("plugin " + loaded.plugin().name(), loaded.version()));
        return versions;
    }

    /** The plugin that brings an exit policy, with its version. */
    static String pluginOf(String policy, PluginRegistry registry) {
        return registry.plugins().stream()
                .filter(loaded -> loaded.plugin().exitPolicies().stream()
                        .anyMatch(factory -> factory.name().equals(policy)))
                .map(loaded -> loaded.plugin().name() + " " + loaded.version())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no plugin brings the exit policy " + policy));
    }
}
