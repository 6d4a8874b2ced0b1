package org.offramp.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;

/**
 * A numbered rule of the contract and the test that checks it. Number and sentence are the test's display name; the help is printed
 * with a failure.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
public @interface Rule {
    /** The rule's number: the group's letter, a hyphen, two digits. */
    String id();

    /** The rule's sentence, word for word as in {@code docs/contract.md}. */
    String sentence();

    /** Where the fault usually lies; goes on after "If this fails, check". */
    String ifThisFailsCheck();
}
