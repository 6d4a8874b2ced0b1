package org.offramp.conformance;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/**
 * What the suite says of one subject.
 *
 * @param failures the messages by rule number
 * @param started how many tests ran
 */
record SuiteRun(Map<String, String> failures, long started) {
    static SuiteRun of(Class<? extends Conformance<?>> probe) {
        EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(probe))
                .execute();
        Map<String, String> failures = new TreeMap<>();
        results.allEvents().failed().stream()
                .forEach(event -> failures.put(rule(event.getTestDescriptor()), message(event)));
        return new SuiteRun(failures, results.testEvents().started().count());
    }

    /** The number at the beginning of the rule's display name; where no rule ran at all, the class. */
    private static String rule(TestDescriptor descriptor) {
        String name = descriptor.getDisplayName();
        return descriptor.isTest() ? name.substring(0, "P-01".length()) : name;
    }

    private static String message(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .map(Throwable::getMessage)
                .orElse("");
    }
}
