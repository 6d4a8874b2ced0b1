package org.offramp.api;

import java.util.List;

/**
 * A plugin: the only type looked up through {@link java.util.ServiceLoader}. It names the factories of everything it
 * brings.
 *
 * <p>An implementation has a public constructor without parameters that does nothing but return. Its jar names it in
 * {@code META-INF/services/org.offramp.api.StrategyPlugin}, and carries the manifest attributes {@code Plugin-Name},
 * {@code Plugin-Version} and {@code Spi-Version}.
 */
public interface StrategyPlugin {
    /**
     * The version of this SPI, {@code major.minor}. A plugin runs on a host of the same major version and of the same or
     * a newer minor version.
     */
    String SPI_VERSION = "1.0";

    /** The plugin's name: {@code [a-z][a-z0-9-]*}, unique in an installation. */
    String name();

    /** The backbones this plugin brings; names are unique among all plugins. */
    default List<BackboneFactory<?>> backbones() {
        return List.of();
    }

    /** The trainers this plugin brings; names are unique among all plugins. */
    default List<TrainerFactory<?>> trainers() {
        return List.of();
    }

    /** The exit policies this plugin brings; names are unique among all plugins. */
    default List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of();
    }

    /** The datasets this plugin brings; names are unique among all plugins. */
    default List<DatasetFactory<?>> datasets() {
        return List.of();
    }
}
