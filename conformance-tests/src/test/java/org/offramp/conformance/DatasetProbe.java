package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;

/** The suite over subjects that a test sets; run by the test kit only. */
final class DatasetProbe extends DatasetConformance {
    private static List<DatasetSubject<?>> current = List.of();

    static SuiteRun run(List<DatasetSubject<?>> subjects) {
        current = subjects;
        return SuiteRun.of(DatasetProbe.class);
    }

    @Override
    protected Stream<DatasetSubject<?>> subjects() {
        return current.stream();
    }
}
