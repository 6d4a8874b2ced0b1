package org.offramp.host.config;

import java.util.Locale;

/** Java's names and YAML's. */
final class Names {
    private Names() {}

    /** {@code learningRate} is {@code learning-rate}. */
    static String kebab(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    /** {@code MAX_PROBABILITY} is {@code max-probability}. */
    static String constant(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
