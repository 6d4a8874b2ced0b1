package org.offramp.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Gathers what became of every rule, and what else went wrong. */
final class RuleResults implements TestExecutionListener {
    private final SortedMap<String, List<Check>> checks = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private TestPlan plan;

    @SuppressWarnings("NullAway.Init")
    RuleResults() {}

    /**
     * One rule on one subject.
     *
     * @param subject the subject
     * @param failure the failure's message; empty where the rule holds
     */
    record Check(String subject, String failure) {
        boolean passed() {
            return failure.isEmpty();
        }
    }

    /** What became of each rule that ran, by number. */
    SortedMap<String, List<Check>> checks() {
        return checks;
    }

    /** Failures that belong to no rule: no subject, a subject that cannot be made. */
    List<String> faults() {
        return faults;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        String failure = result.getThrowable().map(RuleResults::message).orElse("");
        boolean aborted = result.getStatus() == TestExecutionResult.Status.ABORTED;
        Rule rule = identifier
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Rule.class))
                .orElse(null);
        if (rule == null) {
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                faults.add(identifier.getDisplayName() + ": " + failure);
            }
        } else if (!aborted) {
            String subject = plan.getParent(identifier)
                    .map(TestIdentifier::getDisplayName)
                    .orElse("");
            checks.computeIfAbsent(rule.id(), id -> new ArrayList<>()).add(new Check(subject, failure));
        }
    }

    /** The same on every run: no stack traces, no identities of objects. */
    private static String message(Throwable failure) {
        String text = String.valueOf(failure.getMessage() == null ? failure : failure.getMessage());
        return text.lines()
                .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
                .map(line -> line.replaceAll("@[0-9a-f]{5,}", "@…").replaceAll("0x[0-9a-f]{6,}", "0x…"))
                .reduce((one, other) -> one + "\n" + other)
                .orElse("failed without a message");
    }
}
