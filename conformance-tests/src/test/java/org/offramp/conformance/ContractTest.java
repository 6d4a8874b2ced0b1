package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The page and the suite are one contract. */
class ContractTest {
    @Test
    void thePageAndTheSuiteListTheSameRulesWithTheSameSentences() {
        Map<String, String> checked = new TreeMap<>();
        Rules.all().forEach(rule -> checked.put(rule.id(), rule.sentence()));
        assertThat(checked).isEqualTo(Contract.rules());
        assertThat(Rules.all()).hasSameSizeAs(checked.keySet());
    }

    @Test
    void theSentencesAreInRfc2119Words() {
        assertThat(Contract.rules().values()).allMatch(sentence -> sentence.contains("MUST"));
        assertThat(Contract.rules()).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void everyGroupHasRulesNumberedFromOneWithoutAGap() {
        Map<String, Integer> last = new TreeMap<>();
        Contract.rules().keySet().forEach(id -> {
            String group = id.substring(0, 1);
            int number = last.getOrDefault(group, 0) + 1;
            last.put(group, number);
            assertThat(id).isEqualTo("%s-%02d".formatted(group, number));
        });
        assertThat(last.keySet()).containsExactly("B", "D", "K", "L", "P", "T");
    }
}
