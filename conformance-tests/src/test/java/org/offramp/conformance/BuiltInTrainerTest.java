package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/**
 * Every built-in trainer passes every rule, behind the trainers that it needs. One is left out: {@code e2cm-clusters} trains the backbone
 * {@code autoencoder} only, and the rules bring a network of their own.
 */
class BuiltInTrainerTest extends TrainerConformance {
    @Override
    protected Stream<TrainerSubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(TrainerSubject::allOf)
                .filter(subject -> !subject.factory().name().equals("e2cm-clusters"));
    }
}
