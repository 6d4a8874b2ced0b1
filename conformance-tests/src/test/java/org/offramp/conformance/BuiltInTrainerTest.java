package org.offramp.conformance;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Every built-in trainer passes every rule, behind the trainers and on the backbone that it needs. */
class BuiltInTrainerTest extends TrainerConformance {
    private static final Map<String, String> KEYS = Map.of("autoencoder", "{hidden: [32, 24], embedding: 10}");

    @Override
    protected Stream<TrainerSubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(plugin -> TrainerSubject.allOf(
                        plugin,
                        name -> Optional.ofNullable(KEYS.get(name)),
                        PluginsUnderTest.backbonesOfTheClassPath()));
    }
}
