package org.offramp.baselines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TemperatureScaling;
import org.offramp.api.TrainerFactory;

class PoliciesTest {
    private static final ExitPolicy MAX_PROBABILITY =
            new MaxProbability().create(new MaxProbability.Config(1), PolicyState.EMPTY);
    private static final ExitPolicy ENTROPY = new EntropyPolicy().create(new NoKeys(), PolicyState.EMPTY);
    private static final ExitPolicy MARGIN = new MarginPolicy().create(new NoKeys(), PolicyState.EMPTY);
    private static final ExitPolicy PATIENCE = new PatiencePolicy().create(new NoKeys(), PolicyState.EMPTY);

    record Named(String name, ExitPolicy policy) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Every policy; the fitted ones with the state of a network of three exits. */
    static Stream<Named> policies() {
        return Stream.of(
                new Named("max-probability", MAX_PROBABILITY),
                new Named("entropy", ENTROPY),
                new Named("margin", MARGIN),
                new Named("patience", PATIENCE),
                new Named(
                        "temperature",
                        new TemperaturePolicy()
                                .create(new NoKeys(), new PolicyState(Map.of("temperatures", new double[] {0.5, 1, 2
                                })))),
                new Named(
                        "pcee",
                        new ReliabilityPolicy()
                                .create(
                                        new ReliabilityPolicy.Config(3),
                                        new PolicyState(Map.of(
                                                "exit-1", new double[] {0.1, 0.5, 0.9},
                                                "exit-2", new double[] {0.2, 0.6, 0.9},
                                                "exit-3", new double[] {0.3, 0.7, 0.9})))),
                new Named("ensemble", equalWeights()));
    }

    /** Without bias, whatever the number of classes. */
    private static ExitPolicy equalWeights() {
        return evidence -> {
            double[] parameters = new double[evidence.exit() + evidence.logits().columns()];
            Arrays.fill(parameters, 0, evidence.exit(), 1.0 / evidence.exit());
            Map<String, double[]> state = new TreeMap<>(Map.of("exit-1", parameters));
            state.put("exit-" + evidence.exit(), parameters);
            return new EnsemblePolicy()
                    .create(new NoKeys(), new PolicyState(state))
                    .score(evidence);
        };
    }

    @ParameterizedTest
    @MethodSource("policies")
    void aBatchOfNoneGivesNoScores(Named one) {
        FloatMatrix none = FloatMatrix.wrap(new float[0], 0, 4);
        assertThat(one.policy().score(Given.evidence(3, none, none)).size()).isZero();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void rowsOfProbabilitiesSumToOneAndPredictionsAreTheGreatest(Named one) {
        for (int classes : new int[] {2, 3, 10, 100, 1000}) {
            FloatMatrix logits = Given.drawn(20, classes, 8, classes);
            ExitScores scores = one.policy().score(Given.evidence(3, logits, logits, logits));
            for (int row = 0; row < scores.size(); row++) {
                double sum = 0;
                for (float probability : scores.probabilities().row(row)) {
                    assertThat(probability).isBetween(0f, 1f);
                    sum += probability;
                }
                assertThat(sum).isCloseTo(1, within(1e-5));
                assertThat(scores.prediction(row)).isEqualTo(logits.argMax(row));
                assertThat(scores.score(row)).isFinite();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void permutingTheBatchPermutesTheAnswers(Named one) {
        Evidence evidence = Given.evidence(3, Given.drawn(6, 5, 3, 1), Given.drawn(6, 5, 3, 2));
        int[] order = {4, 0, 5, 2, 1, 3};
        ExitScores scores = one.policy().score(evidence);
        ExitScores permuted = one.policy().score(evidence.rows(order));
        for (int row = 0; row < order.length; row++) {
            assertThat(permuted.score(row)).isEqualTo(scores.score(order[row]));
            assertThat(permuted.prediction(row)).isEqualTo(scores.prediction(order[row]));
            assertThat(permuted.probabilities().row(row))
                    .isEqualTo(scores.probabilities().row(order[row]));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void logitsThatAreNotFiniteAreRefusedWithExitAndRow(Named one) {
        FloatMatrix good = Given.matrix(new float[] {1, 2}, new float[] {3, 4});
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            FloatMatrix broken = Given.matrix(new float[] {1, 2}, new float[] {bad, 4});
            assertThatThrownBy(() -> one.policy().score(Given.evidence(3, good, broken)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("exit 2, row 1")
                    .hasMessageContaining(String.valueOf(bad));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void greatLogitsDoNotOverflow(Named one) {
        FloatMatrix logits = Given.matrix(new float[] {3e38f, -3e38f, 0}, new float[] {-3e38f, -3e38f, -3e38f});
        ExitScores scores = one.policy().score(Given.evidence(3, logits));
        assertThat(scores.probabilities().row(0)).containsExactly(1, 0, 0);
        assertThat(scores.probabilities().row(1)).containsExactly(1 / 3f, 1 / 3f, 1 / 3f);
        assertThat(scores.score(0)).isFinite();
    }

    @Test
    void maxProbabilityIsTheGreatestProbability() {
        Evidence evidence = Given.evidence(Given.matrix(Given.logs(0.2, 0.7, 0.1), Given.logs(0.4, 0.3, 0.3)));
        ExitScores scores = MAX_PROBABILITY.score(evidence);
        assertThat(scores.score(0)).isCloseTo(0.7f, within(1e-6f));
        assertThat(scores.score(1)).isCloseTo(0.4f, within(1e-6f));
        assertThat(scores.prediction(0)).isEqualTo(1);
    }

    @Test
    void aTemperatureOfTwoTakesTheRootOfTheOdds() {
        ExitPolicy policy = new MaxProbability().create(new MaxProbability.Config(2), PolicyState.EMPTY);
        ExitScores scores = policy.score(Given.evidence(Given.matrix(Given.logs(0.9, 0.1))));
        assertThat(scores.score(0)).isCloseTo(0.75f, within(1e-6f));
    }

    @Test
    void entropyIsMinusTheEntropyInNats() {
        Evidence evidence = Given.evidence(
                Given.matrix(new float[] {5, 5, 5, 5}, Given.logs(0.5, 0.25, 0.125, 0.125), new float[] {0, 0, 0, 60}));
        ExitScores scores = ENTROPY.score(evidence);
        assertThat(scores.score(0)).isCloseTo((float) -Math.log(4), within(1e-6f));
        assertThat(scores.score(1)).isCloseTo((float) (-1.75 * Math.log(2)), within(1e-6f));
        double rest = 3 * Math.exp(-60);
        assertThat((double) scores.score(2)).isCloseTo(-61 * rest, within(1e-5 * rest));
    }

    @Test
    void marginIsTheGreatestMinusTheSecondGreatest() {
        Evidence evidence = Given.evidence(
                Given.matrix(Given.logs(0.2, 0.7, 0.1), Given.logs(0.4, 0.4, 0.2), Given.logs(0.6, 0.1, 0.3)));
        ExitScores scores = MARGIN.score(evidence);
        assertThat(scores.score(0)).isCloseTo(0.5f, within(1e-6f));
        assertThat(scores.score(1)).isZero();
        assertThat(scores.score(2)).isCloseTo(0.3f, within(1e-6f));
    }

    @Test
    void patienceCountsAgreeingExitsInARow() {
        float[] a = {1, 0};
        float[] b = {0, 1};
        FloatMatrix first = Given.matrix(a, a, a, b);
        FloatMatrix second = Given.matrix(a, b, b, b);
        FloatMatrix third = Given.matrix(a, b, a, a);
        assertScores(PATIENCE.score(Given.evidence(3, first)), 0, 0, 0, 0);
        assertScores(PATIENCE.score(Given.evidence(3, first, second)), 1, 0, 0, 1);
        assertScores(PATIENCE.score(Given.evidence(3, first, second, third)), 2, 1, 0, 0);
    }

    private static void assertScores(ExitScores scores, float... wanted) {
        for (int row = 0; row < wanted.length; row++) {
            assertThat(scores.score(row)).isEqualTo(wanted[row]);
        }
    }

    @Test
    void theFittedTemperatureGivesBackTheAccuracyOfATwoClassExit() {
        // All logits are (2, 0) and 3 of 4 answers are right, so that 1 / (1 + exp(-2 / T)) = 3/4: T = 2 / log 3.
        float[] row = {2, 0};
        FloatMatrix logits = Given.matrix(row, row, row, row);
        FloatMatrix sharp = Given.matrix(Given.logs(0.75, 0.25), Given.logs(0.75, 0.25), row, row);
        CalibrationTrace trace =
                new CalibrationTrace(Given.evidence(logits, sharp), new int[] {0, 0, 0, 1}, new long[] {1, 2});
        TemperaturePolicy factory = new TemperaturePolicy();
        PolicyState state = factory.fit(new NoKeys(), trace, Given.random(1));
        assertThat(state.get("temperatures")).hasSize(2);
        assertThat(state.get("temperatures")[0]).isCloseTo(2 / Math.log(3), within(1e-4));
        ExitScores scores = factory.create(new NoKeys(), state).score(Given.evidence(2, logits));
        assertThat(scores.score(0)).isCloseTo(0.75f, within(1e-4f));
    }

    @Test
    void theFittedTemperatureIsLeastAmongItsNeighbours() {
        FloatMatrix logits = Given.drawn(200, 5, 4, 3);
        int[] labels = new int[200];
        for (int row = 0; row < labels.length; row++) {
            labels[row] = row % 3 == 0 ? row % 5 : logits.argMax(row);
        }
        double temperature = TemperatureScaling.fit(logits, labels);
        double least = TemperatureScaling.negativeLogLikelihood(logits, labels, temperature);
        for (double factor : new double[] {0.1, 0.5, 0.99, 1.01, 2, 10}) {
            assertThat(TemperatureScaling.negativeLogLikelihood(logits, labels, temperature * factor))
                    .isGreaterThan(least);
        }
        assertThat(TemperatureScaling.fit(FloatMatrix.wrap(new float[0], 0, 5), new int[0]))
                .isOne();
    }

    @Test
    void theReliabilityTableIsTheSmoothedAccuracyOfEveryBin() {
        // Four bins with centres 1/8, 3/8, 5/8, 7/8. Two samples at 0.6 of which one is right, three at 0.9, all right.
        float[] low = Given.logs(0.6, 0.4);
        float[] high = Given.logs(0.9, 0.1);
        FloatMatrix probabilities = Given.matrix(low, low, high, high, high).softmax();
        double[] table = ReliabilityTable.of(probabilities, new int[] {0, 1, 0, 0, 0}, 4);
        assertThat(table)
                .containsExactly(new double[] {1 / 8.0, 3 / 8.0, (1 + 5 / 8.0) / 3, (3 + 7 / 8.0) / 4}, within(1e-12));
    }

    @Test
    void violatingNeighboursArePooled() {
        double[] values = ReliabilityTable.isotonic(new double[] {1, 9, 2, 1, 4}, new double[] {10, 10, 4, 2, 4});
        assertThat(values).containsExactly(new double[] {0.1, 0.75, 0.75, 0.75, 1}, within(1e-12));
        assertThat(ReliabilityTable.isotonic(new double[] {3, 2, 1}, new double[] {1, 1, 1}))
                .containsExactly(2, 2, 2);
    }

    @Test
    void theReliabilityScoreIsTheEntryOfTheConfidencesBin() {
        float[] low = Given.logs(0.6, 0.4);
        float[] high = Given.logs(0.9, 0.1);
        CalibrationTrace trace = new CalibrationTrace(
                Given.evidence(Given.matrix(low, low, high, high, high)), new int[] {0, 1, 0, 0, 0}, new long[] {1});
        ReliabilityPolicy factory = new ReliabilityPolicy();
        ReliabilityPolicy.Config config = new ReliabilityPolicy.Config(4);
        PolicyState state = factory.fit(config, trace, Given.random(1));
        ExitScores scores =
                factory.create(config, state).score(Given.evidence(Given.matrix(low, high, new float[] {90, 0})));
        assertThat(scores.score(0)).isCloseTo((float) ((1 + 5 / 8.0) / 3), within(1e-6f));
        assertThat(scores.score(1)).isCloseTo((float) ((3 + 7 / 8.0) / 4), within(1e-6f));
        assertThat(scores.score(2)).isEqualTo(scores.score(1));
        assertThatThrownBy(() -> factory.create(new ReliabilityPolicy.Config(5), state))
                .hasMessage("the policy's state 'exit-1' has 4 bins; the key bins is 5");
    }

    @Test
    void anEnsembleIsTheWeightedGeometricMeanWithItsBias() {
        // .8^.5 · .4^2 · e^0 = .1431 and .2^.5 · .6^2 · e^1 = .4376
        PolicyState state =
                new PolicyState(Map.of("exit-1", new double[] {1, 0, 0}, "exit-2", new double[] {0.5, 2, 0, 1}));
        ExitPolicy policy = new EnsemblePolicy().create(new NoKeys(), state);
        FloatMatrix first = Given.matrix(Given.logs(0.8, 0.2));
        ExitScores alone = policy.score(Given.evidence(2, first));
        assertThat(alone.score(0)).isCloseTo(0.8f, within(1e-6f));
        ExitScores both = policy.score(Given.evidence(2, first, Given.matrix(Given.logs(0.4, 0.6))));
        double zero = Math.sqrt(0.8) * 0.16;
        double one = Math.sqrt(0.2) * 0.36 * Math.E;
        assertThat(both.prediction(0)).isEqualTo(1);
        assertThat(both.score(0)).isCloseTo((float) (one / (zero + one)), within(1e-6f));
    }

    /** The labels are drawn from such an ensemble of 5,000 samples, so that it comes back. */
    @Test
    void theFittedEnsembleIsTheOneThatDrewTheLabels() {
        FloatMatrix first = Given.drawn(5000, 3, 2, 5);
        FloatMatrix second = Given.drawn(5000, 3, 2, 6);
        Evidence evidence = Given.evidence(2, first, second);
        double[] truth = {0.5, 1.5, 0.4, 0, -0.4};
        FloatMatrix drawnFrom = GeometricEnsemble.of(evidence).probabilities(truth);
        RandomGenerator random = Given.random(7);
        int[] labels = new int[5000];
        for (int row = 0; row < labels.length; row++) {
            double at = random.nextDouble();
            labels[row] = at < drawnFrom.get(row, 0) ? 0 : at < drawnFrom.get(row, 0) + drawnFrom.get(row, 1) ? 1 : 2;
        }
        PolicyState state = new EnsemblePolicy()
                .fit(new NoKeys(), new CalibrationTrace(evidence, labels, new long[] {1, 2}), Given.random(1));
        assertThat(state.get("exit-1")).hasSize(4);
        assertThat(state.get("exit-2")).containsExactly(truth, within(0.1));
    }

    @Test
    void theFittedEnsembleIsLeastAmongItsNeighbours() {
        Evidence evidence = Given.evidence(3, Given.drawn(200, 4, 4, 3), Given.drawn(200, 4, 4, 4));
        int[] labels = new int[200];
        for (int row = 0; row < labels.length; row++) {
            labels[row] = row % 3 == 0 ? row % 4 : evidence.logits().argMax(row);
        }
        GeometricEnsemble ensemble = GeometricEnsemble.of(evidence);
        double[] fitted = ensemble.fit(labels);
        double least = ensemble.loss(fitted, labels);
        for (int i = 0; i < fitted.length; i++) {
            for (double step : new double[] {-0.05, 0.05}) {
                double[] moved = fitted.clone();
                moved[i] += step;
                if (i < 2 && moved[i] < 0) {
                    continue; // weights are above 0
                }
                assertThat(ensemble.loss(moved, labels)).isGreaterThan(least);
            }
        }
    }

    @Test
    void anEnsembleOfNoSamplesIsTheMeanOfItsExits() {
        FloatMatrix none = FloatMatrix.wrap(new float[0], 0, 2);
        CalibrationTrace trace = new CalibrationTrace(Given.evidence(none, none), new int[0], new long[] {1, 2});
        assertThat(new EnsemblePolicy()
                        .fit(new NoKeys(), trace, Given.random(1))
                        .get("exit-2"))
                .containsExactly(0.5, 0.5, 0, 0);
    }

    @Test
    void policiesSayWhatAThresholdNeeds() {
        assertThat(MAX_PROBABILITY.need(1, 0.75)).isEqualTo(new ExitPolicy.Need(1, 0.75));
        assertThat(new MaxProbability()
                        .create(new MaxProbability.Config(2), PolicyState.EMPTY)
                        .need(1, 0.75))
                .isEqualTo(new ExitPolicy.Need(2, 0.75));
        assertThat(MARGIN.need(1, 0.5)).isEqualTo(new ExitPolicy.Need(1, 0.5));
        assertThat(ENTROPY.need(1, Math.log(0.75)).probability()).isCloseTo(0.75, within(1e-12));
        assertThat(PATIENCE.need(1, 1)).isEqualTo(ExitPolicy.Need.UNKNOWN);
        assertThat(ReliabilityTable.leastConfidence(new double[] {0.2, 0.4, 0.9, 0.95}, 0.9))
                .isCloseTo(0.5, within(1e-5));
        assertThat(ReliabilityTable.leastConfidence(new double[] {0.2, 0.4}, 0.9))
                .isGreaterThan(1);
    }

    @Test
    void fittedPoliciesRefuseAnEmptyState() {
        assertThatThrownBy(() -> new EnsemblePolicy().create(new NoKeys(), PolicyState.EMPTY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exit-1");
        assertThatThrownBy(() -> new TemperaturePolicy().create(new NoKeys(), PolicyState.EMPTY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("temperatures");
        assertThatThrownBy(() -> new ReliabilityPolicy().create(new ReliabilityPolicy.Config(15), PolicyState.EMPTY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exit-1");
    }

    @Test
    void keysOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new MaxProbability.Config(0)).hasMessageContaining("temperature is 0.0");
        assertThatThrownBy(() -> new MaxProbability.Config(Double.NaN)).hasMessageContaining("temperature is NaN");
        assertThatThrownBy(() -> new ReliabilityPolicy.Config(0)).hasMessageContaining("bins is 0");
    }

    @Test
    void thePluginIsFoundAndNamesItsComponents() {
        StrategyPlugin plugin =
                ServiceLoader.load(StrategyPlugin.class).findFirst().orElseThrow();
        assertThat(plugin.name()).isEqualTo("baselines");
        assertThat(plugin.exitPolicies())
                .extracting(ExitPolicyFactory::name)
                .containsExactly("max-probability", "entropy", "margin", "patience", "temperature", "pcee", "ensemble");
        assertThat(plugin.trainers())
                .extracting(TrainerFactory::name)
                .containsExactly("joint", "heads-only", "backbone");
    }
}
