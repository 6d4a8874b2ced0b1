package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;

/** The suite over subjects that a test sets; run by the test kit only. */
final class PolicyProbe extends ExitPolicyConformance {
    private static List<PolicySubject<?>> current = List.of();

    static SuiteRun run(List<PolicySubject<?>> subjects) {
        current = subjects;
        return SuiteRun.of(PolicyProbe.class);
    }

    @Override
    protected Stream<PolicySubject<?>> subjects() {
        return current.stream();
    }
}
