package org.offramp.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The part that the suite's classes share: every {@link Rule} runs for every subject.
 *
 * @param <S> what a rule is checked on
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(RuleNames.class)
@ExtendWith(FailureHelp.class)
public abstract class Conformance<S> {
    /** For the kinds of this package. */
    Conformance() {}

    /** What the rules are checked on; at least one, or every rule fails. Called once per rule. */
    protected abstract Stream<S> subjects();
}
