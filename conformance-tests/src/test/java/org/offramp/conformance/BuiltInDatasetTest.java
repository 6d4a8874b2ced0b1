package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** The dataset that needs no files passes every rule. */
class BuiltInDatasetTest extends DatasetConformance {
    @Override
    protected Stream<DatasetSubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(plugin -> plugin.datasets().stream())
                .filter(factory -> factory.name().equals("glyphs"))
                .map(factory -> DatasetSubject.ofDefaults(factory));
    }
}
