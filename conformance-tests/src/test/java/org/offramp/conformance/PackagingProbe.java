package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;

/** The suite over subjects that a test sets; run by the test kit only. */
final class PackagingProbe extends PackagingConformance {
    private static List<PluginSubject> current = List.of();

    static SuiteRun run(List<PluginSubject> subjects) {
        current = subjects;
        return SuiteRun.of(PackagingProbe.class);
    }

    @Override
    protected Stream<PluginSubject> subjects() {
        return current.stream();
    }
}
