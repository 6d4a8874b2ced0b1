package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.offramp.api.ComponentFactory;
import org.offramp.api.StrategyPlugin;

/**
 * A plugin under test.
 *
 * @param plugin the plugin
 * @param loader where its service file is looked up
 */
public record PluginSubject(StrategyPlugin plugin, ClassLoader loader) {
    /**
     * A plugin with the class loader of its class.
     *
     * @param plugin the plugin
     */
    public static PluginSubject of(StrategyPlugin plugin) {
        return new PluginSubject(plugin, plugin.getClass().getClassLoader());
    }

    /** The factories of each kind. */
    List<Kind> kinds() {
        return List.of(
                new Kind("backbone", plugin.backbones()),
                new Kind("trainer", plugin.trainers()),
                new Kind("exit policy", plugin.exitPolicies()),
                new Kind("dataset", plugin.datasets()));
    }

    /** The factories of all kinds. */
    Stream<? extends ComponentFactory<?>> components() {
        return kinds().stream().flatMap(kind -> kind.factories().stream());
    }

    @Override
    public String toString() {
        return "plugin " + plugin.name() + " (" + plugin.getClass().getName() + ")";
    }

    /**
     * The factories of one kind.
     *
     * @param name the kind
     * @param factories the factories
     */
    record Kind(String name, List<? extends ComponentFactory<?>> factories) {
        List<String> names() {
            return factories.stream().map(ComponentFactory::name).toList();
        }
    }
}
