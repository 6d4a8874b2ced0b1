package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;

/** The suite over subjects that a test sets; run by the test kit only. */
final class BackboneProbe extends BackboneConformance {
    private static List<BackboneSubject<?>> current = List.of();

    static SuiteRun run(List<BackboneSubject<?>> subjects) {
        current = subjects;
        return SuiteRun.of(BackboneProbe.class);
    }

    @Override
    protected Stream<BackboneSubject<?>> subjects() {
        return current.stream();
    }
}
