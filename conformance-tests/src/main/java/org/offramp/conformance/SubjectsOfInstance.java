package org.offramp.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Hands a rule the subjects of its test instance; none at all is a failure, never a silent success. */
final class SubjectsOfInstance implements ArgumentsProvider {
    /** For JUnit. */
    SubjectsOfInstance() {}

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        Conformance<?> instance = (Conformance<?>) context.getRequiredTestInstance();
        List<?> subjects = instance.subjects().toList();
        if (subjects.isEmpty()) {
            throw new AssertionError(
                    "no subject found: " + context.getRequiredTestClass().getName() + ".subjects() is empty, so "
                            + context.getDisplayName() + " was checked on nothing");
        }
        return subjects.stream().map(Arguments::of);
    }
}
