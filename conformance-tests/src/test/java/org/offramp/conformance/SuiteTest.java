package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.api.Capability;
import org.offramp.api.HeadOutput;

/** Every rule fails on a component that breaks it, and on no other; right components pass. */
class SuiteTest {
    private static final Map<String, Rule> RULES =
            Rules.all().stream().collect(Collectors.toMap(Rule::id, Function.identity()));

    private static final Locale LOCALE = Locale.getDefault();

    /** Wrong plugins change them. */
    @AfterEach
    void restoreTheJvmsDefaults() {
        Locale.setDefault(LOCALE);
        System.clearProperty("org.offramp.given");
    }

    static List<Wrong<PolicySubject<?>>> policies() {
        return WrongPolicies.all();
    }

    static List<Wrong<BackboneSubject<?>>> backbones() {
        return WrongBackbones.all();
    }

    static List<Wrong<TrainerSubject<?>>> trainers() {
        return WrongTrainers.all();
    }

    static List<Wrong<DatasetSubject<?>>> datasets() {
        return WrongDatasets.all();
    }

    static List<Wrong<PluginSubject>> plugins() {
        return WrongPlugins.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("policies")
    void aWrongPolicyFailsAtItsRule(Wrong<PolicySubject<?>> wrong) {
        assertCaught(wrong, PolicyProbe.run(List.of(wrong.subject())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backbones")
    void aWrongBackboneFailsAtItsRule(Wrong<BackboneSubject<?>> wrong) {
        assertCaught(wrong, BackboneProbe.run(List.of(wrong.subject())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("trainers")
    void aWrongTrainerFailsAtItsRule(Wrong<TrainerSubject<?>> wrong) {
        assertCaught(wrong, TrainerProbe.run(List.of(wrong.subject())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("datasets")
    void aWrongDatasetFailsAtItsRule(Wrong<DatasetSubject<?>> wrong) {
        assertCaught(wrong, DatasetProbe.run(List.of(wrong.subject())));
    }

    static List<Wrong<PluginSubject>> lifecycles() {
        return WrongLifecycles.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lifecycles")
    void aWrongLifecycleFailsAtItsRule(Wrong<PluginSubject> wrong) {
        assertCaught(wrong, LifecycleProbe.run(List.of(wrong.subject())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plugins")
    void aWrongPluginFailsAtItsRule(Wrong<PluginSubject> wrong) {
        assertCaught(wrong, PackagingProbe.run(List.of(wrong.subject())));
    }

    @Test
    void rightPoliciesPassEveryRule() {
        List<PolicySubject<?>> right = List.of(
                GivenPolicy.rightFactory().subject(),
                new GivenPolicy(Set.of(Capability.FITTED), GivenPolicy::meanLabel, GivenPolicy::withBonus).subject(),
                GivenPolicy.subject(
                        evidence -> GivenPolicy.scored(
                                evidence,
                                row -> evidence.exit() == evidence.exits()
                                        ? 0
                                        : -GivenPolicy.finite(evidence, evidence.exit(), HeadOutput.DISTANCES)
                                                .get(row, 0)),
                        Capability.NEEDS_DISTANCES));
        assertPassed(
                PolicyProbe.run(right),
                right.size() * Rules.of(PolicyProbe.class).size());
    }

    @Test
    void rightBackbonesPassEveryRule() {
        List<BackboneSubject<?>> right =
                BackboneSubject.allOf(new GivenPlugin()).toList();
        assertPassed(BackboneProbe.run(right), Rules.of(BackboneProbe.class).size());
    }

    @Test
    void rightTrainersPassEveryRule() {
        List<TrainerSubject<?>> right = List.of(
                TrainerSubject.classifiers(),
                TrainerSubject.ofDefaults(new GivenTrainer()).after(TrainerSubject.classifiers()));
        assertPassed(
                TrainerProbe.run(right),
                right.size() * Rules.of(TrainerProbe.class).size());
    }

    @Test
    void rightDatasetsPassEveryRule() {
        List<DatasetSubject<?>> right = DatasetSubject.allOf(new GivenPlugin()).toList();
        assertPassed(DatasetProbe.run(right), Rules.of(DatasetProbe.class).size());
    }

    @Test
    void rightPluginsPassEveryRule() {
        assertPassed(
                PackagingProbe.run(List.of(PluginSubject.of(new GivenPlugin()))),
                Rules.of(PackagingProbe.class).size());
    }

    @Test
    void rightLifecyclesPassEveryRule() {
        assertPassed(
                LifecycleProbe.run(List.of(PluginSubject.of(new GivenPlugin()))),
                Rules.of(LifecycleProbe.class).size());
    }

    @Test
    void withoutASubjectTheClassFails() {
        SuiteRun run = PolicyProbe.run(List.of());
        assertThat(run.failures()).containsOnlyKeys("PolicyProbe");
        assertThat(run.failures().values()).allMatch(message -> message.contains("no subject found"));
    }

    @Test
    void everyRuleHasAWrongComponent() {
        Set<String> broken = Stream.of(policies(), backbones(), trainers(), datasets(), plugins(), lifecycles())
                .flatMap(List::stream)
                .map(Wrong::rule)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(broken).isEqualTo(new TreeSet<>(RULES.keySet()));
    }

    private static void assertCaught(Wrong<?> wrong, SuiteRun run) {
        assertThat(run.failures().keySet())
                .as(() -> "the rules that fail; their messages: " + run.failures())
                .isEqualTo(wrong.expected());
        Rule rule = RULES.get(wrong.rule());
        assertThat(rule).isNotNull();
        assertThat(run.failures().get(wrong.rule()))
                .startsWith(rule.id() + " " + rule.sentence())
                .contains("Subject: ", "Seen: ")
                .endsWith("If this fails, check " + rule.ifThisFailsCheck());
    }

    private static void assertPassed(SuiteRun run, int tests) {
        assertThat(run.failures()).isEmpty();
        assertThat(run.started()).isEqualTo(tests);
    }
}
