package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;

/**
 * The rules of exit policies, group P. They need no native engine. Unless a rule says otherwise the evidence has every output at
 * every exit, so that one fault shows at one rule.
 */
public abstract class ExitPolicyConformance extends Conformance<PolicySubject<?>> {
    private static final int EXITS = 4;
    private static final int CLASSES = 5;
    private static final int SIZE = 9;
    private static final float EXTREME = 1e4f;

    /** For subclasses. */
    protected ExitPolicyConformance() {}

    /** Every other row of the batch is replaced: Shallow-Deep Networks decides from sample 0, EE-LLM from the last one. */
    @Rule(
            id = "P-01",
            sentence = "A policy MUST decide every row for itself, whatever the other rows of the batch are.",
            ifThisFailsCheck =
                    "for sums, maxima, sorting or an any/all over the whole batch, and for values taken from a fixed row.")
    public final void everyRowDecidesForItself() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 11);
        Evidence others = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 12);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores expected = policy.score(evidence.upTo(exit));
            for (int row = 0; row < SIZE; row++) {
                int kept = row;
                Evidence mixed = GivenEvidence.changed(
                        others.upTo(exit),
                        (at, output, matrix) ->
                                Optional.of(GivenEvidence.withRowOf(matrix, evidence.output(at, output), kept)));
                Answers.assertSameRow(policy.score(mixed), row, expected, row, "others replaced, exit " + exit);
            }
        }
    }

    /** BranchyNet answers in the order of leaving, not of input. */
    @Rule(
            id = "P-02",
            sentence = "A policy MUST permute its answers with the rows of the batch.",
            ifThisFailsCheck =
                    "for answers sorted by score, row numbers that enter the score, and an output that is filled by appending.")
    public final void permutedRowsGivePermutedAnswers() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 21);
        int[] permutation =
                IntStream.range(0, SIZE).map(i -> (i * 4 + 2) % SIZE).toArray();
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores expected = policy.score(evidence.upTo(exit));
            ExitScores permuted = policy.score(evidence.upTo(exit).rows(permutation));
            Answers.assertSame(permuted, permutation, expected, "permuted, exit " + exit);
        }
    }

    /** DeeBERT and ElasticBERT refuse batches above 1; Zero-Time-Waste fails on batches of 1. */
    @Rule(
            id = "P-03",
            sentence = "A policy MUST give a batch of many the answers of batches of one, bit for bit.",
            ifThisFailsCheck =
                    "for code that squeezes a batch of one, for statistics over the batch, and for sums in an order that"
                            + " depends on the batch size.")
    public final void aBatchOfManyEqualsBatchesOfOne() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 31);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores expected = policy.score(evidence.upTo(exit));
            for (int row = 0; row < SIZE; row++) {
                int[] alone = {row};
                Answers.assertSame(
                        policy.score(evidence.upTo(exit).rows(alone)), alone, expected, "row alone, exit " + exit);
            }
        }
    }

    /** Compaction can leave no row at all. */
    @Rule(
            id = "P-04",
            sentence = "A policy MUST answer a batch of 0 with 0 rows.",
            ifThisFailsCheck = "for reads of row 0 and for divisions by the batch size.")
    public final void aBatchOfZeroGivesZeroRows() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 41).rows(new int[0]);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores answer = policy.score(evidence.upTo(exit));
            assertThat(answer.size()).as("rows at exit " + exit).isZero();
        }
    }

    /** The threads begin together, and each asks many times. */
    @Rule(
            id = "P-05",
            sentence = "A policy MUST give the same answers to several threads at once.",
            ifThisFailsCheck = "for buffers kept in fields, caches without synchronisation and thread-local state.")
    public final void severalThreadsGetTheSameAnswers() throws InterruptedException {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 51);
        ExitScores expected = policy.score(evidence);
        for (ExitScores answer : ThreadsAtOnce.run(() -> policy.score(evidence))) {
            Answers.assertSame(answer, expected, "on another thread");
        }
    }

    /** Other evidence is scored in between. */
    @Rule(
            id = "P-06",
            sentence = "A policy MUST be pure: the same evidence gets the same answer at every call.",
            ifThisFailsCheck = "for counters, running means, random numbers and clocks; chance belongs into fit.")
    public final void theSameEvidenceGetsTheSameAnswer() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 61);
        Evidence between = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 62);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores first = policy.score(evidence.upTo(exit));
            policy.score(between);
            Answers.assertSame(policy.score(evidence.upTo(exit)), first, "second call, exit " + exit);
        }
    }

    /** The host uses a trace's evidence again for every operating point. */
    @Rule(
            id = "P-07",
            sentence = "A policy MUST leave the evidence untouched.",
            ifThisFailsCheck = "for reflection or array tricks that reach into a FloatMatrix.")
    public final void theEvidenceIsUntouched() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 71);
        Evidence before = GivenEvidence.changed(
                evidence,
                (exit, output, matrix) ->
                        Optional.of(FloatMatrix.wrap(matrix.toArray(), matrix.rows(), matrix.columns())));
        policy.score(evidence);
        for (int exit = 1; exit <= EXITS; exit++) {
            for (HeadOutput output : HeadOutput.values()) {
                if (evidence.has(exit, output)) {
                    Values.assertSame(
                            evidence.output(exit, output).toArray(),
                            before.output(exit, output).toArray(),
                            output + " of exit " + exit + " after scoring");
                }
            }
        }
    }

    /** All outputs that the policy reads at this exit are spoilt together; one alone may also be an output it does not read. */
    @Rule(
            id = "P-08",
            sentence =
                    "A policy MUST refuse NaN or infinite evidence with an IllegalArgumentException, never answer it.",
            ifThisFailsCheck =
                    "that every value that is read passes Float.isFinite; comparisons with NaN are false and argMax passes"
                            + " over it.")
    public final void evidenceThatIsNotFiniteIsRefused() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 81).upTo(2);
        ExitScores sound = policy.score(evidence);
        for (Spoilt spoilt : Spoilt.everyWay(declaredOutputs(subject))) {
            Evidence bad = spoilt.in(evidence);
            if (spoilt.outputs().containsAll(declaredOutputs(subject))) {
                assertThatThrownBy(() -> policy.score(bad))
                        .as(spoilt.toString())
                        .isInstanceOf(IllegalArgumentException.class);
            } else {
                assertRefusedOrNotRead(policy, bad, sound, spoilt);
            }
        }
    }

    private static void assertRefusedOrNotRead(ExitPolicy policy, Evidence bad, ExitScores sound, Spoilt spoilt) {
        try {
            assertThat(Answers.same(policy.score(bad), sound))
                    .as(spoilt + ": neither refused nor without effect")
                    .isTrue();
        } catch (IllegalArgumentException refused) {
            assertThat(refused).as(spoilt.toString()).isNotNull();
        }
    }

    /** The message is what the user of a run that stops sees. */
    @Rule(
            id = "P-09",
            sentence = "A policy that refuses evidence MUST name the exit, counted from 1, in the message.",
            ifThisFailsCheck =
                    "that the message holds the words \"exit n\", with n from Evidence.exit() and not counted from 0.")
    public final void theRefusalNamesTheExit() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        for (int exit = 1; exit <= EXITS; exit++) {
            Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 91).upTo(exit);
            Spoilt spoilt = new Spoilt(Float.NaN, 0, declaredOutputs(subject));
            try {
                policy.score(spoilt.in(evidence));
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage())
                        .as("the message at exit " + exit)
                        .containsPattern("\\bexit " + exit + "\\b");
            }
        }
    }

    /** FastBERT's port gives all-zero rows and fails above 2 classes. */
    @Rule(
            id = "P-10",
            sentence =
                    "A policy's probabilities MUST lie in 0 to 1 and sum to 1 on every row, for every K from 2 to 1000.",
            ifThisFailsCheck = "that a softmax runs over all K classes, and that sigmoids or distances are normalised.")
    public final void probabilitiesSumToOne() {
        for (int classes : new int[] {2, 3, 10, 77, 1000}) {
            ExitPolicy policy = subject.policy(3, classes);
            Evidence evidence = GivenEvidence.drawn(3, classes, 5, 101);
            for (int exit = 1; exit <= 3; exit++) {
                Answers.assertProbabilities(policy.score(evidence.upTo(exit)), "K = " + classes + ", exit " + exit);
            }
        }
    }

    /** A caller reads the probability of a class by its number. */
    @Rule(
            id = "P-11",
            sentence = "A policy's probabilities MUST have one row per sample and one column per class.",
            ifThisFailsCheck =
                    "for an extra column such as \"none of them\", and for probabilities of the top classes only.")
    public final void probabilitiesHaveOneColumnPerClass() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 111);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores answer = policy.score(evidence.upTo(exit));
            assertThat(answer.size()).as("rows at exit " + exit).isEqualTo(SIZE);
            assertThat(answer.probabilities().columns())
                    .as("columns at exit " + exit)
                    .isEqualTo(CLASSES);
        }
    }

    /** Samples enough that every class is predicted. */
    @Rule(
            id = "P-12",
            sentence = "A policy's predictions MUST be classes: 0 to K - 1.",
            ifThisFailsCheck = "for classes counted from 1 and for markers such as -1 for \"not sure\".")
    public final void predictionsAreClasses() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, 20 * CLASSES, 121);
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores answer = policy.score(evidence.upTo(exit));
            for (int row = 0; row < answer.size(); row++) {
                assertThat(answer.prediction(row))
                        .as("prediction, exit " + exit + ", row " + row)
                        .isBetween(0, CLASSES - 1);
            }
        }
    }

    /** A score that is not finite has no place among thresholds. */
    @Rule(
            id = "P-13",
            sentence = "A policy's scores MUST be finite.",
            ifThisFailsCheck = "for divisions by zero, logarithms of 0 and infinities used as \"always\" or \"never\".")
    public final void scoresAreFinite() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, 20 * CLASSES, 131);
        for (int exit = 1; exit <= EXITS; exit++) {
            Answers.assertFinite(policy.score(evidence.upTo(exit)), "exit " + exit);
        }
    }

    /** One class far above the others, far below them, and all alike. */
    @Rule(
            id = "P-14",
            sentence = "A policy MUST answer logits of ±10000 and rows of equal logits soundly.",
            ifThisFailsCheck =
                    "that the greatest logit is subtracted before exponentials, and for log(p), 1 / (1 - p) and p log(p) at"
                            + " p = 0 or 1.")
    public final void extremeLogitsAreAnswered() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.changed(
                GivenEvidence.drawn(EXITS, CLASSES, 5, 141),
                (exit, output, matrix) -> Optional.of(output == HeadOutput.LOGITS ? extreme() : matrix));
        for (int exit = 1; exit <= EXITS; exit++) {
            ExitScores answer = policy.score(evidence.upTo(exit));
            Answers.assertFinite(answer, "extreme logits, exit " + exit);
            Answers.assertProbabilities(answer, "extreme logits, exit " + exit);
        }
    }

    private static FloatMatrix extreme() {
        float[] values = new float[5 * CLASSES];
        Arrays.fill(values, 0, CLASSES, -EXTREME);
        values[1] = EXTREME;
        Arrays.fill(values, CLASSES, 2 * CLASSES, EXTREME);
        values[CLASSES + 2] = -EXTREME;
        values[2 * CLASSES] = EXTREME;
        Arrays.fill(values, 3 * CLASSES, 4 * CLASSES, EXTREME);
        return FloatMatrix.wrap(values, 5, CLASSES);
    }

    /** Rows really leave the batch, one exit's threshold goes through all its values, the others stay at their medians. */
    @Rule(
            id = "P-15",
            sentence = "Raising a threshold MUST NOT make a sample leave earlier.",
            ifThisFailsCheck =
                    "for scores that depend on how many rows are left in the batch, and for state between calls.")
    public final void raisingAThresholdNeverMakesASampleLeaveEarlier() {
        LiveRun run = new LiveRun(subject.policy(EXITS, CLASSES), GivenEvidence.drawn(EXITS, CLASSES, 4 * SIZE, 151));
        double[] medians = new double[EXITS - 1];
        for (int exit = 1; exit < EXITS; exit++) {
            double[] scores = run.scoresAt(exit);
            medians[exit - 1] = scores.length == 0 ? 0 : scores[scores.length / 2];
        }
        for (int exit = 1; exit < EXITS; exit++) {
            double[] thresholds = medians.clone();
            int[] before = new int[4 * SIZE];
            for (double threshold : run.scoresAt(exit)) {
                thresholds[exit - 1] = threshold;
                int[] after = run.exitsAt(thresholds);
                for (int sample = 0; sample < after.length; sample++) {
                    assertThat(after[sample])
                            .as("exit of sample " + sample + " after raising the threshold of exit " + exit + " to "
                                    + threshold)
                            .isGreaterThanOrEqualTo(before[sample]);
                }
                before = after;
            }
        }
    }

    /** The host fits again where a run is repeated. */
    @Rule(
            id = "P-16",
            sentence = "A policy fitted twice on the same trace with the same seed MUST have equal states.",
            ifThisFailsCheck =
                    "for chance that does not come from the given random, hash order, threads and clocks in fit.")
    public final void fittingTwiceGivesEqualStates() {
        PolicyState first = subject.fit(GivenEvidence.trace(EXITS, CLASSES, 161), 7);
        PolicyState second = subject.fit(GivenEvidence.trace(EXITS, CLASSES, 161), 7);
        assertThat(second).isEqualTo(first);
    }

    /** Between saving and restoring the factory fits another strategy, as it does on a leaderboard. */
    @Rule(
            id = "P-17",
            sentence = "A policy made from a saved and restored state MUST give the same answers.",
            ifThisFailsCheck =
                    "that fit puts all it learned into the state: nothing in fields of the factory, nothing looked up by the"
                            + " state's identity.")
    public final void aRestoredStateGivesTheSameAnswers() {
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 171);
        PolicyState state = subject.fit(GivenEvidence.trace(EXITS, CLASSES, 171), 7);
        ExitPolicy original = subject.create(state);
        List<ExitScores> expected = scoresAtEveryExit(original, evidence);
        subject.fit(GivenEvidence.trace(EXITS, CLASSES, 172), 8);
        ExitPolicy restored = subject.create(new PolicyState(state.asMap()));
        List<ExitScores> actual = scoresAtEveryExit(restored, evidence);
        for (int exit = 1; exit <= EXITS; exit++) {
            Answers.assertSame(actual.get(exit - 1), expected.get(exit - 1), "restored, exit " + exit);
        }
    }

    /** The host keeps the outputs of earlier exits only for policies that say they read them. */
    @Rule(
            id = "P-18",
            sentence =
                    "A policy that does not declare READS_EARLIER_EXITS MUST give the same answers without their outputs.",
            ifThisFailsCheck =
                    "that capabilities() holds READS_EARLIER_EXITS where the policy looks at an exit before evidence.exit().")
    public final void earlierExitsAreNotReadUndeclared() {
        assertNotReadUndeclared(subject, Capability.READS_EARLIER_EXITS, (at, exit, output) -> at < exit);
    }

    /** The host attaches distances and gates only for policies that say they need them. */
    @Rule(
            id = "P-19",
            sentence =
                    "A policy that does not declare NEEDS_DISTANCES or NEEDS_COMMITMENT MUST give the same answers without"
                            + " that output.",
            ifThisFailsCheck = "that capabilities() names every head output besides the logits that the policy reads.")
    public final void headOutputsAreNotReadUndeclared() {
        assertNotReadUndeclared(
                subject, Capability.NEEDS_DISTANCES, (at, exit, output) -> output == HeadOutput.DISTANCES);
        assertNotReadUndeclared(
                subject, Capability.NEEDS_COMMITMENT, (at, exit, output) -> output == HeadOutput.COMMITMENT);
    }

    /** Without the capability the host does not call fit. */
    @Rule(
            id = "P-20",
            sentence = "A policy that does not declare FITTED MUST work with the empty state.",
            ifThisFailsCheck = "that capabilities() holds FITTED where create reads anything from its state.")
    public final void anEmptyStateSufficesWhereFittingIsNotDeclared() {
        if (!subject.factory().capabilities().contains(Capability.FITTED)) {
            Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 201);
            Answers.assertSame(
                    subject.create(PolicyState.EMPTY).score(evidence),
                    subject.policy(EXITS, CLASSES).score(evidence),
                    "empty state");
        }
    }

    /** The last exit is the backbone's own classifier; Zero-Time-Waste fails where a sample is unsure even there. */
    @Rule(
            id = "P-21",
            sentence =
                    "A policy MUST answer at the last exit, where only logits are sure to be there; one exit alone included.",
            ifThisFailsCheck =
                    "that distances and gates are read at early exits only, and that nothing is read beyond the last exit.")
    public final void theLastExitIsAnsweredFromLogits() {
        for (int exits : new int[] {1, 2, EXITS}) {
            Evidence evidence = GivenEvidence.changed(
                    GivenEvidence.drawn(exits, CLASSES, SIZE, 211),
                    (exit, output, matrix) ->
                            Optional.of(matrix).filter(kept -> exit < exits || output == HeadOutput.LOGITS));
            ExitScores answer = subject.policy(exits, CLASSES).score(evidence);
            assertThat(answer.size())
                    .as("rows at exit " + exits + " of " + exits)
                    .isEqualTo(SIZE);
        }
    }

    /** Everything that the policy refers to is looked through. */
    @Rule(
            id = "P-22",
            sentence =
                    "A policy MUST NOT reach labels: neither the calibration trace nor its labels are reachable from it.",
            ifThisFailsCheck =
                    "for a trace kept in a field of the factory or captured by the policy; put what was learned into the state.")
    public final void labelsAreOutOfReach() {
        CalibrationTrace trace = GivenEvidence.trace(EXITS, CLASSES, 221);
        int[] labels = trace.labels();
        ExitPolicy policy = subject.create(subject.fit(trace, 1));
        List<Object> found = Reachable.from(
                policy,
                part -> part instanceof CalibrationTrace
                        || (part instanceof int[] array && Arrays.equals(array, labels)));
        assertThat(found.stream().map(part -> part.getClass().getSimpleName()).toList())
                .as("traces and labels that are reachable from the policy")
                .isEmpty();
    }

    /** The host takes a batch of one past such an exit without asking; then it would answer otherwise than in a batch. */
    @Rule(
            id = "P-23",
            sentence =
                    "A sample whose score reaches a threshold MUST give what the policy's need of that exit and threshold"
                            + " says.",
            ifThisFailsCheck =
                    "that the bound holds for every way in which the other logits may lie; leave the method out where none"
                            + " is known.")
    public final void aSampleThatGivesLessThanANeedStays() {
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        for (float scale : new float[] {0.1f, 1, 5, 25}) {
            Evidence evidence = GivenEvidence.changed(
                    GivenEvidence.drawn(EXITS, CLASSES, 20 * CLASSES, 231),
                    (exit, output, matrix) ->
                            Optional.of(output == HeadOutput.LOGITS ? scaled(matrix, scale) : matrix));
            for (int exit = 1; exit < EXITS; exit++) {
                ExitScores scores = policy.score(evidence.upTo(exit));
                FloatMatrix logits = evidence.output(exit, HeadOutput.LOGITS);
                for (int row = 0; row < scores.size(); row++) {
                    double threshold =
                            scores.score(row) - ExitPolicy.Need.ROUNDING * Math.max(1, Math.abs(scores.score(row)));
                    ExitPolicy.Need need = policy.need(exit, threshold);
                    assertThat(greatest(logits.row(row), need.temperature()))
                            .as("the greatest probability of row " + row + " at exit " + exit + ", whose score is "
                                    + scores.score(row) + ", at a temperature of " + need.temperature())
                            .isGreaterThanOrEqualTo(need.probability());
                }
            }
        }
    }

    private static FloatMatrix scaled(FloatMatrix matrix, float scale) {
        float[] values = matrix.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        return FloatMatrix.wrap(values, matrix.rows(), matrix.columns());
    }

    private static double greatest(float[] logits, double temperature) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            greatest = Math.max(greatest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((logit - greatest) / temperature);
        }
        return 1 / sum;
    }

    private static List<ExitScores> scoresAtEveryExit(ExitPolicy policy, Evidence evidence) {
        List<ExitScores> answers = new ArrayList<>();
        for (int exit = 1; exit <= evidence.exits(); exit++) {
            answers.add(policy.score(evidence.upTo(exit)));
        }
        return answers;
    }

    private static void assertNotReadUndeclared(PolicySubject<?> subject, Capability capability, Missing missing) {
        if (subject.factory().capabilities().contains(capability)) {
            return;
        }
        ExitPolicy policy = subject.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, SIZE, 181);
        for (int at = 1; at <= EXITS; at++) {
            int exit = at;
            Evidence lacking = GivenEvidence.changed(
                    evidence.upTo(exit),
                    (place, output, matrix) -> Optional.of(matrix).filter(kept -> !missing.is(place, exit, output)));
            Answers.assertSame(
                    policy.score(lacking),
                    policy.score(evidence.upTo(exit)),
                    "without what " + capability + " would bring, exit " + exit);
        }
    }

    private static Set<HeadOutput> declaredOutputs(PolicySubject<?> subject) {
        Set<HeadOutput> outputs = EnumSet.of(HeadOutput.LOGITS);
        if (subject.factory().capabilities().contains(Capability.NEEDS_DISTANCES)) {
            outputs.add(HeadOutput.DISTANCES);
        }
        if (subject.factory().capabilities().contains(Capability.NEEDS_COMMITMENT)) {
            outputs.add(HeadOutput.COMMITMENT);
        }
        return outputs;
    }

    /** Says which outputs are left out. */
    @FunctionalInterface
    private interface Missing {
        boolean is(int at, int exit, HeadOutput output);
    }
}
