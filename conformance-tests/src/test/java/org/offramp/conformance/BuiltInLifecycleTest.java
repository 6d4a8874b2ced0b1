package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Every built-in plugin lives as the rules say. */
class BuiltInLifecycleTest extends LifecycleConformance {
    @Override
    protected Stream<PluginSubject> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .map(PluginSubject::of);
    }
}
