/**
 * The conformance suite: the numbered rules of {@code docs/contract.md} as JUnit tests, one abstract class per kind of component. A
 * plugin's build has one annotated class:
 *
 * <pre>{@code
 * @ConformanceSuite
 * class MyPluginConformanceTest {}
 * }</pre>
 *
 * <p>or extends the class of one kind and names its subjects:
 *
 * <pre>{@code
 * class MyPoliciesTest extends ExitPolicyConformance {
 *     @Override
 *     protected Stream<PolicySubject<?>> subjects() {
 *         return PolicySubject.allOf(new MyPlugin());
 *     }
 * }
 * }</pre>
 *
 * <p>{@code offramp conformance} runs the same classes on a plugin directory and writes a report.
 *
 * <p>Every rule runs for every subject. A failure names the rule, the subject, what was seen and what to check. A class without a
 * subject fails.
 */
@NullMarked
package org.offramp.conformance;

import org.jspecify.annotations.NullMarked;
