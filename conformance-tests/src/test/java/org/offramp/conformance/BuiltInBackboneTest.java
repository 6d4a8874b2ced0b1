package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Every built-in backbone passes every rule, narrow and on small samples. */
class BuiltInBackboneTest extends BackboneConformance {
    @Override
    protected Stream<BackboneSubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(BackboneSubject::allOf);
    }
}
