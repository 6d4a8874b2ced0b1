package org.offramp.api;

import java.util.Set;

/**
 * A named factory with a typed configuration. The name is what a user writes in YAML; the record's components are the
 * keys, in kebab case ({@code learningRate} is {@code learning-rate}).
 *
 * <p>The record documents its keys with {@link Key}; its compact constructor may refuse further combinations with an
 * {@link IllegalArgumentException} whose message names the key. Supported component types: {@code int}, {@code long},
 * {@code double}, {@code boolean}, {@code String}, enums, nested records, {@link java.util.List} and
 * {@link java.util.Map} (string keys) of these, and {@link java.util.Optional} for keys that may be left out without a
 * default.
 *
 * @param <C> the configuration record
 */
public sealed interface ComponentFactory<C extends Record>
        permits BackboneFactory, TrainerFactory, ExitPolicyFactory, DatasetFactory {
    /** The component's name: {@code [a-z][a-z0-9-]*}. */
    String name();

    /** The configuration record's class. */
    Class<C> configType();

    /** What the component can do beyond the minimum; the conformance suite holds it to every capability it declares. */
    default Set<Capability> capabilities() {
        return Set.of();
    }
}
