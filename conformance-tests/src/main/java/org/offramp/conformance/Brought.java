package org.offramp.conformance;

import java.util.Locale;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Leaves out the rules of a kind of which the plugins under test bring nothing, and says so. */
final class Brought implements ExecutionCondition {
    /** For JUnit. */
    Brought() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        return PluginsUnderTest.of(context).bring(type)
                ? ConditionEvaluationResult.enabled("the plugins bring some")
                : ConditionEvaluationResult.disabled(
                        "the plugins bring no " + type.getSimpleName().toLowerCase(Locale.ROOT));
    }
}
