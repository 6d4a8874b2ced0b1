package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.junit.platform.commons.support.ReflectionSupport;

/** Hands a class of rules its subjects; none at all is a failure, never a silent success. */
final class Subjects implements ArgumentsProvider {
    /** For JUnit. */
    Subjects() {}

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        Conformance<?> rules = (Conformance<?>) ReflectionSupport.newInstance(type);
        List<?> subjects = rules.subjects(context).toList();
        if (subjects.isEmpty()) {
            throw new AssertionError(
                    "no subject found: " + type.getName() + " has no subjects, so its rules were checked on nothing");
        }
        return subjects.stream().map(Arguments::of);
    }
}
