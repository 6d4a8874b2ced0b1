package org.offramp.conformance;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts rule, subject and help into the message of a failure. */
final class FailureHelp implements TestExecutionExceptionHandler {
    /** For JUnit. */
    FailureHelp() {}

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        Rule rule = context.getRequiredTestMethod().getAnnotation(Rule.class);
        if (rule == null || failure instanceof TestAbortedException || failure instanceof VirtualMachineError) {
            throw failure;
        }
        Object subject = ((Conformance<?>) context.getRequiredTestInstance()).subject;
        String seen = failure instanceof AssertionError ? String.valueOf(failure.getMessage()) : failure.toString();
        throw new AssertionError(
                rule.id() + " " + rule.sentence() + "\nSubject: " + subject + "\nSeen: " + seen.strip()
                        + "\nIf this fails, check " + rule.ifThisFailsCheck(),
                failure);
    }
}
