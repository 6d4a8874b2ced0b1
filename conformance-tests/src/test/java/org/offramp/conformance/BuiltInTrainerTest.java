package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Every built-in trainer passes every rule, behind the trainers and on the backbone that it needs. */
class BuiltInTrainerTest extends TrainerConformance {
    @Override
    protected Stream<TrainerSubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(TrainerSubject::allOf);
    }
}
