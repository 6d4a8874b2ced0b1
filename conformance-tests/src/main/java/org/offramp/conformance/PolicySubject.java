package org.offramp.conformance;

import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.PolicyState;
import org.offramp.api.StrategyPlugin;

/**
 * An exit policy under test, in one configuration.
 *
 * @param factory the factory
 * @param config the configuration
 * @param <C> the configuration record
 */
public record PolicySubject<C extends Record>(ExitPolicyFactory<C> factory, C config) {
    /**
     * A policy with the defaults of all its keys.
     *
     * @param factory the factory
     * @throws IllegalArgumentException if a key is required
     */
    public static <C extends Record> PolicySubject<C> ofDefaults(ExitPolicyFactory<C> factory) {
        return new PolicySubject<>(factory, DefaultConfiguration.of(factory.configType()));
    }

    /**
     * A policy with some keys given and the others left out.
     *
     * @param factory the factory
     * @param keys the given keys as in YAML, in flow style
     * @throws IllegalArgumentException if a key is missing, unknown or cannot be read
     */
    public static <C extends Record> PolicySubject<C> of(ExitPolicyFactory<C> factory, String keys) {
        return new PolicySubject<>(factory, DefaultConfiguration.of(factory.configType(), keys));
    }

    /**
     * Every policy of a plugin, with the defaults of all its keys.
     *
     * @param plugin the plugin
     * @throws IllegalArgumentException if a key is required
     */
    public static Stream<PolicySubject<?>> allOf(StrategyPlugin plugin) {
        return plugin.exitPolicies().stream().map(factory -> ofDefaults(factory));
    }

    /** The state fitted on a trace; for a policy that is not fitted whatever the factory returns, normally the empty one. */
    PolicyState fit(CalibrationTrace trace, long seed) {
        return factory.fit(
                config, trace, RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
    }

    ExitPolicy create(PolicyState state) {
        return factory.create(config, state);
    }

    /** A policy fitted on a trace of so many exits and classes. */
    ExitPolicy policy(int exits, int classes) {
        return create(fit(GivenEvidence.trace(exits, classes, 1), 1));
    }

    @Override
    public String toString() {
        return "policy " + factory.name() + " " + config;
    }
}
