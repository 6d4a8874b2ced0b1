package org.offramp.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * The part that the suite's classes share: every {@link Rule} runs for every subject.
 *
 * @param <S> what a rule is checked on
 */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(Subjects.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.DisplayName.class)
@DisplayNameGeneration(RuleNames.class)
@ExtendWith(FailureHelp.class)
public abstract class Conformance<S> {
    /** What the rules are checked on; set by JUnit. */
    @Parameter
    @SuppressWarnings("NullAway.Init")
    S subject;

    /** For the kinds of this package. */
    Conformance() {}

    /** What the rules are checked on; at least one, or the class fails. Called once, on an instance that checks nothing. */
    protected abstract Stream<S> subjects();

    /** The subjects where they are found through JUnit's context. */
    Stream<S> subjects(ExtensionContext context) {
        return subjects();
    }
}
