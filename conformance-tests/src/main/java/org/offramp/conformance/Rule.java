package org.offramp.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * A numbered rule of the contract and the test that checks it, once for every subject. Number and sentence are the test's display
 * name; the help is printed with a failure.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@ArgumentsSource(SubjectsOfInstance.class)
public @interface Rule {
    /** The rule's number: the group's letter, a hyphen, two digits. */
    String id();

    /** The rule's sentence, word for word as in {@code docs/contract.md}. */
    String sentence();

    /** Goes on after "If this fails, check": where the fault usually lies. */
    String check();
}
