package org.offramp.conformance;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Every built-in component of this kind passes every rule. */
class BuiltInExitPolicyTest extends ExitPolicyConformance {
    @Override
    protected Stream<PolicySubject<?>> subjects() {
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(PolicySubject::allOf);
    }
}
