package org.offramp.conformance;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
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
 * Policies that are wrong in one way. A row that depends on its batch or its place always differs from a batch of one, so P-03
 * fails with P-01 and P-02.
 */
final class WrongPolicies {
    private WrongPolicies() {}

    static List<Wrong<PolicySubject<?>>> all() {
        List<Wrong<PolicySubject<?>>> all = new ArrayList<>();
        all.addAll(aboutRows());
        all.addAll(aboutCalls());
        all.addAll(aboutEvidence());
        all.addAll(aboutAnswers());
        all.addAll(aboutFitting());
        all.addAll(aboutCapabilities());
        return all;
    }

    private static List<Wrong<PolicySubject<?>>> aboutRows() {
        return List.of(
                wrong("P-01", "the whole batch has the score of its surest row", WrongPolicies::anyRow, "P-03"),
                wrong("P-01", "the whole batch has the score of row 0", WrongPolicies::rowZero, "P-02", "P-03"),
                wrong("P-02", "answers in the order of the scores", WrongPolicies::sorted, "P-01", "P-03"),
                wrong("P-02", "the row's number is in the score", WrongPolicies::numbered, "P-03"),
                wrong("P-03", "a batch of one scores higher", WrongPolicies::surerAlone),
                wrong("P-04", "reads row 0 of an empty batch", WrongPolicies::firstRow),
                wrong("P-15", "a fuller batch leaves earlier", WrongPolicies::fuller, "P-03"),
                Wrong.of("P-23", "more is said to be needed than is", subject(state -> greedy())));
    }

    private static ExitPolicy greedy() {
        return new ExitPolicy() {
            @Override
            public ExitScores score(Evidence evidence) {
                return GivenPolicy.right(evidence);
            }

            @Override
            public Need need(int exit, double threshold) {
                return new Need(1, 1.01 * threshold);
            }
        };
    }

    private static ExitScores anyRow(Evidence evidence) {
        double surest = IntStream.range(0, evidence.size())
                .mapToDouble(row -> GivenPolicy.greatest(evidence, row))
                .max()
                .orElse(0);
        return GivenPolicy.scored(evidence, row -> surest);
    }

    private static ExitScores rowZero(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> GivenPolicy.greatest(evidence, 0));
    }

    private static ExitScores sorted(Evidence evidence) {
        int[] order = IntStream.range(0, evidence.size())
                .boxed()
                .sorted(Comparator.comparing(row -> -GivenPolicy.greatest(evidence, row)))
                .mapToInt(row -> row)
                .toArray();
        return GivenPolicy.right(evidence.rows(order));
    }

    private static ExitScores numbered(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> GivenPolicy.greatest(evidence, row) + 1e-3 * row);
    }

    private static ExitScores surerAlone(Evidence evidence) {
        return GivenPolicy.scored(
                evidence, row -> (evidence.size() == 1 ? 1 : 0) + GivenPolicy.greatest(evidence, row));
    }

    private static ExitScores fuller(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> GivenPolicy.greatest(evidence, row) + 0.05 * evidence.size());
    }

    private static ExitScores firstRow(Evidence evidence) {
        int columns = evidence.logits().row(0).length;
        return GivenPolicy.scored(evidence, row -> GivenPolicy.greatest(evidence, row) + columns);
    }

    private static List<Wrong<PolicySubject<?>>> aboutCalls() {
        return List.of(
                Wrong.of("P-05", "another thread gets another answer", ownThread()),
                Wrong.of(
                        "P-06", "evidence that was seen before scores higher", subject(state -> remembering()), "P-05"),
                wrong("P-07", "the evidence is changed in place", WrongPolicies::inPlace));
    }

    private static PolicySubject<?> ownThread() {
        Thread maker = Thread.currentThread();
        return GivenPolicy.subject(evidence -> GivenPolicy.scored(
                evidence,
                row -> GivenPolicy.greatest(evidence, row)
                        + (Thread.currentThread().equals(maker) ? 0 : 1)));
    }

    private static ExitPolicy remembering() {
        Set<Evidence> seen = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        return evidence -> {
            boolean again = !seen.add(evidence);
            return GivenPolicy.scored(evidence, row -> GivenPolicy.greatest(evidence, row) + (again ? 1 : 0));
        };
    }

    private static PolicySubject<?> subject(Function<PolicyState, ExitPolicy> making) {
        return new GivenPolicy(Set.of(), (trace, random) -> PolicyState.EMPTY, making).subject();
    }

    private static ExitScores inPlace(Evidence evidence) {
        if (evidence.size() > 0 && evidence.has(evidence.exit(), HeadOutput.COMMITMENT)) {
            negateFirst(evidence.output(evidence.exit(), HeadOutput.COMMITMENT));
        }
        return GivenPolicy.right(evidence);
    }

    private static void negateFirst(FloatMatrix matrix) {
        try {
            Field values = FloatMatrix.class.getDeclaredField("values");
            values.setAccessible(true);
            float[] array = (float[]) values.get(matrix);
            array[0] = -array[0];
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("FloatMatrix has changed", e);
        }
    }

    private static List<Wrong<PolicySubject<?>>> aboutEvidence() {
        return List.of(
                wrong("P-08", "evidence is not checked", WrongPolicies::unchecked),
                wrong("P-08", "only NaN is refused", WrongPolicies::infinityPasses),
                wrong("P-08", "only the most probable class is checked", WrongPolicies::greatestChecked),
                Wrong.of(
                        "P-08",
                        "distances are not checked",
                        GivenPolicy.subject(WrongPolicies::uncheckedDistances, Capability.NEEDS_DISTANCES)),
                wrong("P-09", "exits are counted from 0 in the message", WrongPolicies::countedFromZero),
                wrong("P-14", "the score is 1 / (1 - p)", WrongPolicies::reciprocal),
                wrong("P-14", "exponentials without the greatest logit taken away", WrongPolicies::overflowing));
    }

    private static ExitScores unchecked(Evidence evidence) {
        FloatMatrix probabilities = evidence.logits().softmax();
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    }

    private static ExitScores infinityPasses(Evidence evidence) {
        for (float value : evidence.logits().toArray()) {
            if (Float.isNaN(value)) {
                throw new IllegalArgumentException("exit " + evidence.exit() + " holds NaN");
            }
        }
        return unchecked(evidence);
    }

    private static ExitScores greatestChecked(Evidence evidence) {
        FloatMatrix logits = evidence.logits();
        for (int row = 0; row < logits.rows(); row++) {
            if (!Float.isFinite(logits.get(row, logits.argMax(row)))) {
                throw new IllegalArgumentException("exit " + evidence.exit() + ", row " + row);
            }
        }
        return unchecked(evidence);
    }

    private static ExitScores uncheckedDistances(Evidence evidence) {
        return GivenPolicy.scored(
                evidence,
                row -> evidence.exit() < evidence.exits()
                        ? -evidence.output(evidence.exit(), HeadOutput.DISTANCES)
                                .get(row, 0)
                        : 0);
    }

    private static ExitScores countedFromZero(Evidence evidence) {
        try {
            return GivenPolicy.right(evidence);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("exit " + (evidence.exit() - 1) + " holds a bad value", e);
        }
    }

    private static ExitScores reciprocal(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> 1 / (1.0 - GivenPolicy.greatest(evidence, row)));
    }

    private static ExitScores overflowing(Evidence evidence) {
        FloatMatrix logits = GivenPolicy.finite(evidence);
        float[] values = logits.toArray();
        for (int row = 0; row < logits.rows(); row++) {
            double sum = 0;
            for (float logit : logits.row(row)) {
                sum += Math.exp(logit);
            }
            for (int column = 0; column < logits.columns(); column++) {
                values[row * logits.columns() + column] = (float) (Math.exp(logits.get(row, column)) / sum);
            }
        }
        FloatMatrix probabilities = FloatMatrix.wrap(values, logits.rows(), logits.columns());
        return ExitScores.ofProbabilities(probabilities, row -> 1);
    }

    private static List<Wrong<PolicySubject<?>>> aboutAnswers() {
        return List.of(
                wrong("P-10", "probabilities are sigmoids", WrongPolicies::sigmoids, "P-14"),
                wrong("P-10", "more than ten classes are cut off", WrongPolicies::tenClasses),
                wrong("P-11", "a column for \"none of them\"", WrongPolicies::oneMoreColumn),
                wrong("P-12", "classes are counted from 1", WrongPolicies::countedFromOne),
                wrong("P-13", "a sample that is not sure has the score -infinity", WrongPolicies::minusInfinity));
    }

    private static ExitScores answer(Evidence evidence, FloatMatrix probabilities, int added) {
        ExitScores right = GivenPolicy.right(evidence);
        float[] scores = new float[right.size()];
        int[] predictions = new int[right.size()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = right.score(row);
            predictions[row] = right.prediction(row) + added;
        }
        return new ExitScores(scores, predictions, probabilities);
    }

    private static ExitScores sigmoids(Evidence evidence) {
        float[] values = GivenPolicy.finite(evidence).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1 / (1 + Math.exp(-values[i])));
        }
        return answer(
                evidence,
                FloatMatrix.wrap(values, evidence.size(), evidence.logits().columns()),
                0);
    }

    private static ExitScores tenClasses(Evidence evidence) {
        FloatMatrix probabilities = GivenPolicy.finite(evidence).softmax();
        float[] values = probabilities.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = i % probabilities.columns() < 10 ? values[i] : 0;
        }
        return answer(evidence, FloatMatrix.wrap(values, evidence.size(), probabilities.columns()), 0);
    }

    private static ExitScores oneMoreColumn(Evidence evidence) {
        FloatMatrix probabilities = GivenPolicy.finite(evidence).softmax();
        int columns = probabilities.columns();
        float[] values = new float[evidence.size() * (columns + 1)];
        for (int row = 0; row < evidence.size(); row++) {
            System.arraycopy(probabilities.row(row), 0, values, row * (columns + 1), columns);
        }
        return answer(evidence, FloatMatrix.wrap(values, evidence.size(), columns + 1), 0);
    }

    private static ExitScores countedFromOne(Evidence evidence) {
        return answer(evidence, GivenPolicy.finite(evidence).softmax(), 1);
    }

    private static ExitScores minusInfinity(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> {
            float greatest = GivenPolicy.greatest(evidence, row);
            return greatest > 0.3f && greatest < 0.4f ? Double.NEGATIVE_INFINITY : greatest;
        });
    }

    private static List<Wrong<PolicySubject<?>>> aboutFitting() {
        return List.of(
                Wrong.of("P-16", "fit counts its calls in the state", counting()),
                Wrong.of("P-17", "the factory remembers the last fit", keepingTheLastFit()),
                Wrong.of("P-17", "the state is looked up by identity", knowingItsStates()),
                Wrong.of("P-22", "the factory keeps the trace", keepingTheTrace()));
    }

    private static PolicySubject<?> counting() {
        AtomicInteger calls = new AtomicInteger();
        return fitted(
                (trace, random) -> new PolicyState(
                        Map.of("bonus", new double[] {1}, "calls", new double[] {calls.incrementAndGet()})),
                GivenPolicy::withBonus);
    }

    private static PolicySubject<?> keepingTheLastFit() {
        List<PolicyState> fits = new ArrayList<>();
        return fitted(
                (trace, random) -> {
                    PolicyState state = GivenPolicy.meanLabel(trace, random);
                    fits.add(state);
                    return state;
                },
                state -> GivenPolicy.withBonus(fits.get(fits.size() - 1)));
    }

    private static PolicySubject<?> keepingTheTrace() {
        List<CalibrationTrace> traces = new ArrayList<>();
        return fitted(
                (trace, random) -> {
                    traces.add(trace);
                    return GivenPolicy.meanLabel(trace, random);
                },
                state -> {
                    ExitPolicy policy = GivenPolicy.withBonus(state);
                    return evidence -> traces.isEmpty() ? GivenPolicy.right(evidence) : policy.score(evidence);
                });
    }

    private static PolicySubject<?> knowingItsStates() {
        Set<PolicyState> own = Collections.newSetFromMap(new IdentityHashMap<>());
        return fitted(
                (trace, random) -> {
                    PolicyState state = GivenPolicy.meanLabel(trace, random);
                    own.add(state);
                    return state;
                },
                state -> own.contains(state) ? GivenPolicy.withBonus(state) : GivenPolicy::right);
    }

    private static PolicySubject<?> fitted(GivenPolicy.Fitting fitting, Function<PolicyState, ExitPolicy> making) {
        return new GivenPolicy(Set.of(Capability.FITTED), fitting, making).subject();
    }

    private static List<Wrong<PolicySubject<?>>> aboutCapabilities() {
        return List.of(
                wrong("P-18", "earlier exits are averaged undeclared", WrongPolicies::averaged),
                wrong("P-19", "distances are read undeclared", evidence -> early(evidence, HeadOutput.DISTANCES)),
                wrong("P-19", "the gate is read undeclared", evidence -> early(evidence, HeadOutput.COMMITMENT)),
                Wrong.of(
                        "P-20",
                        "fitted undeclared",
                        new GivenPolicy(Set.of(), GivenPolicy::meanLabel, GivenPolicy::withBonus).subject()),
                Wrong.of(
                        "P-21",
                        "distances are read at the last exit",
                        GivenPolicy.subject(
                                evidence -> nearest(evidence, HeadOutput.DISTANCES), Capability.NEEDS_DISTANCES)));
    }

    private static ExitScores averaged(Evidence evidence) {
        return GivenPolicy.scored(evidence, row -> {
            double sum = 0;
            for (int exit = 1; exit <= evidence.exit(); exit++) {
                sum += evidence.has(exit, HeadOutput.LOGITS) ? GivenPolicy.greatest(evidence.upTo(exit), row) : 0;
            }
            return sum;
        });
    }

    private static ExitScores early(Evidence evidence, HeadOutput output) {
        return evidence.exit() == evidence.exits() ? GivenPolicy.right(evidence) : nearest(evidence, output);
    }

    private static ExitScores nearest(Evidence evidence, HeadOutput output) {
        FloatMatrix matrix = GivenPolicy.finite(evidence, evidence.exit(), output);
        return GivenPolicy.scored(evidence, row -> -matrix.get(row, 0));
    }

    private static Wrong<PolicySubject<?>> wrong(String rule, String fault, ExitPolicy policy, String... implied) {
        return Wrong.of(rule, fault, GivenPolicy.subject(policy), implied);
    }
}
