package org.offramp.conformance;

import java.util.Set;
import java.util.TreeSet;

/**
 * A subject that is wrong in one way.
 *
 * @param rule the rule that must fail on it
 * @param fault what is wrong, in words
 * @param subject the subject
 * @param implied rules that this fault breaks by necessity
 */
record Wrong<S>(String rule, String fault, S subject, Set<String> implied) {
    static <S> Wrong<S> of(String rule, String fault, S subject, String... implied) {
        return new Wrong<>(rule, fault, subject, Set.of(implied));
    }

    /** All rules that fail on it. */
    Set<String> expected() {
        Set<String> rules = new TreeSet<>(implied);
        rules.add(rule);
        return rules;
    }

    @Override
    public String toString() {
        return rule + ": " + fault;
    }
}
