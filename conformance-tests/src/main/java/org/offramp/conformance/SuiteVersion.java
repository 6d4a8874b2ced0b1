package org.offramp.conformance;

import java.util.Optional;

/** The suite's own version, from its jar's manifest. */
final class SuiteVersion {
    static final String VERSION = Optional.ofNullable(
                    SuiteVersion.class.getPackage().getImplementationVersion())
            .orElse("class path");

    private SuiteVersion() {}
}
