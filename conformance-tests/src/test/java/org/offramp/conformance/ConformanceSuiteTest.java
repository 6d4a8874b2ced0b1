package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** One annotated class checks everything that a plugin brings. */
class ConformanceSuiteTest {
    private static EngineExecutionResults run(Class<?> suite) {
        return EngineTestKit.engine("junit-platform-suite")
                .selectors(selectClass(suite))
                .execute();
    }

    @Test
    void everyRuleIsCheckedOnAPluginThatBringsEveryKind() {
        EngineExecutionResults results = run(GivenPluginSuite.class);
        assertThat(results.allEvents().failed().count()).isZero();
        assertThat(results.testEvents().succeeded().count())
                .isEqualTo(Rules.all().size());
    }

    @Test
    void noPluginIsAFailure() {
        EngineExecutionResults results = run(AbsentPluginSuite.class);
        assertThat(results.containerEvents().failed().count()).isPositive();
        assertThat(results.testEvents().succeeded().count()).isZero();
    }
}
