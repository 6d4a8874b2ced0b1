package org.offramp.host.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.data.Batches;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.data.SampleSet;
import org.offramp.host.network.Network;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.SmallNetworks;
import org.offramp.host.training.Progress;
import org.offramp.host.training.Training;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EarlyExitRunnerTest {
    private static final ExitPolicy MAX_PROBABILITY = new ExitPolicy() {
        @Override
        public ExitScores score(Evidence evidence) {
            FloatMatrix probabilities = evidence.logits().softmax();
            return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
        }

        @Override
        public Need need(int exit, double threshold) {
            return new Need(1, threshold);
        }
    };
    private static final double[] MIXED = {0.45, 0.6};

    private Network network;
    private StageRunner stages;
    private EarlyExitRunner runner;
    private SampleSet test;

    @BeforeAll
    void train(@TempDir Path directory) {
        DataSplits splits = DataSplits.of(new Blobs(600, 203), 0.1, 0.2, false, Normalization.Kind.CHANNEL, 1);
        network = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
        Training.run(
                network,
                splits,
                List.of(new Training.Step(
                        "joint", SmallNetworks.joint(30), Set.of(Capability.TRAINS_BACKBONE), directory)),
                1,
                Progress.NONE,
                true);
        test = splits.openTest();
        stages = stages(network, test);
        runner = new EarlyExitRunner(network.plan(), stages);
    }

    StageRunner stages(Network trained, SampleSet samples) {
        return StageRunner.opByOp(trained);
    }

    @AfterAll
    void close() {
        network.close();
    }

    private Answers answer(int[] positions, double... thresholds) {
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch = Batches.read(manager, test, positions)) {
            return runner.run(batch, ExitRule.of(MAX_PROBABILITY, thresholds));
        }
    }

    private int[] all() {
        return IntStream.range(0, test.size()).toArray();
    }

    @Test
    void trainedExitsAreMuchBetterThanChanceAndTheExitsAreMixed() {
        Answers answers = answer(all(), MIXED);
        assertThat(accuracy(answers.predictions())).isGreaterThan(0.7);
        assertThat(Arrays.stream(answers.exits()).distinct().sorted().boxed()).containsExactly(1, 2, 3);
    }

    @Test
    void aBatchOfOneGoesAsFarAsThresholdsSay() {
        double[] never = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
        for (int i = 0; i < 20; i++) {
            int[] one = {i};
            assertThat(answer(one, never).exits()).containsExactly(3);
            assertThat(answer(one, Double.NEGATIVE_INFINITY, 2).exits()).containsExactly(1);
            assertThat(answer(one, 2, Double.NEGATIVE_INFINITY).exits()).containsExactly(2);
            for (int exit = 1; exit <= 3; exit++) {
                int[] plan = {exit};
                try (NDManager manager = NDManager.newBaseManager();
                        NDArray batch = Batches.read(manager, test, one)) {
                    assertThat(runner.run(batch, ExitRule.plan(plan)).exits()).isEqualTo(plan);
                }
            }
        }
    }

    private double accuracy(int[] predictions) {
        return IntStream.range(0, predictions.length)
                        .filter(i -> predictions[i] == test.label(i))
                        .count()
                / (double) predictions.length;
    }

    @Test
    void compactedBatchEqualsBatchOfOneEqualsSimulation() {
        Answers batch = answer(all(), MIXED);
        Evidence evidence = Traces.compute(runner, test, 64);
        ScoredTrace trace = Traces.score(
                MAX_PROBABILITY, evidence, test.labels(), network.cumulativeMacs(), network.backboneMacs());
        int[] simulated = trace.exitsAt(MIXED);
        assertThat(batch.exits()).isEqualTo(simulated);
        for (int i = 0; i < test.size(); i++) {
            Answers one = answer(new int[] {i}, MIXED);
            assertThat(one.exits()[0]).as("exit of sample %d", i).isEqualTo(batch.exits()[i]);
            assertThat(one.predictions()[0]).isEqualTo(batch.predictions()[i]);
            assertThat(trace.predictions()[simulated[i] - 1][i]).isEqualTo(batch.predictions()[i]);
            float largest = 1;
            for (float value : batch.logits().row(i)) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int k = 0; k < 4; k++) {
                assertThat(one.logits().get(0, k)).isCloseTo(batch.logits().get(i, k), within(1e-5f * largest));
            }
        }
    }

    @Test
    void microBatchesThatRegroupGiveTheAnswersOfOneBatch() {
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch = Batches.read(manager, test, all())) {
            Answers whole = new EarlyExitRunner(network.plan(), stages, test.size())
                    .run(batch, ExitRule.of(MAX_PROBABILITY, MIXED));
            for (int microBatch : new int[] {1, 2, 7, 16, 64, 202}) {
                Answers parts = new EarlyExitRunner(network.plan(), stages, microBatch)
                        .run(batch, ExitRule.of(MAX_PROBABILITY, MIXED));
                assertThat(parts.exits()).as("exits at %d", microBatch).isEqualTo(whole.exits());
                assertThat(parts.predictions()).isEqualTo(whole.predictions());
                assertThat(parts.logits().toArray())
                        .usingComparatorWithPrecision(1e-4f)
                        .containsExactly(whole.logits().toArray());
            }
        }
    }

    @Test
    void smallRemaindersGoOnTogether() {
        List<String> calls = new java.util.ArrayList<>();
        StageRunner counting = counting(calls);
        EarlyExitRunner small = new EarlyExitRunner(network.plan(), counting, 4);
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch =
                        Batches.read(manager, test, IntStream.range(0, 16).toArray())) {
            int[] plan = new int[16];
            Arrays.fill(plan, 1);
            // One sample of every micro-batch of 4 goes on to the end.
            for (int i = 0; i < 16; i += 4) {
                plan[i] = 3;
            }
            Answers answers = small.run(batch, ExitRule.plan(plan));
            assertThat(answers.exits()).isEqualTo(plan);
        }
        assertThat(calls)
                .containsExactly("1 of 4", "1 of 4", "2 of 2", "3 of 2", "1 of 4", "1 of 4", "2 of 2", "3 of 2");
    }

    private StageRunner counting(List<String> calls) {
        return new StageRunner() {
            @Override
            public ai.djl.ndarray.NDList run(int exit, ai.djl.ndarray.NDList inputs) {
                calls.add(exit + " of " + inputs.get(0).getShape().get(0));
                return stages.run(exit, inputs);
            }

            @Override
            public NDArray runBackbone(NDArray batch) {
                return stages.runBackbone(batch);
            }
        };
    }

    @Test
    void aThresholdAboveEveryScoreGivesThePlainBackboneBitForBit() {
        Answers never = answer(all(), Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch = Batches.read(manager, test, all())) {
            assertThat(never.logits().toArray())
                    .isEqualTo(runner.backbone(batch).toArray());
        }
        assertThat(never.exits()).containsOnly(3);
    }

    @Test
    void aThresholdBelowEveryScoreLeavesAtTheFirstExit() {
        assertThat(answer(all(), 0, 0).exits()).containsOnly(1);
    }

    @Test
    void permutingTheBatchPermutesTheAnswers() {
        int[] reversed =
                IntStream.range(0, test.size()).map(i -> test.size() - 1 - i).toArray();
        Answers forwards = answer(all(), MIXED);
        Answers backwards = answer(reversed, MIXED);
        for (int i = 0; i < test.size(); i++) {
            assertThat(backwards.exits()[i]).isEqualTo(forwards.exits()[reversed[i]]);
            assertThat(backwards.predictions()[i]).isEqualTo(forwards.predictions()[reversed[i]]);
        }
    }

    @Test
    void aBatchOfZeroGivesNoAnswers() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Answers none = runner.run(manager.zeros(new Shape(0, 1, 8, 8)), ExitRule.of(MAX_PROBABILITY, MIXED));
            assertThat(none.size()).isZero();
        }
    }

    @Test
    void nothingOfABatchStaysInTheEngine() {
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch = Batches.read(manager, test, all())) {
            int network = this.network.manager().getManagedArrays().size();
            int before = manager.getManagedArrays().size();
            for (int i = 0; i < 5; i++) {
                runner.run(batch, ExitRule.of(MAX_PROBABILITY, MIXED));
            }
            assertThat(manager.getManagedArrays()).hasSize(before);
            assertThat(this.network.manager().getManagedArrays()).hasSize(network);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aNotANumberIsRefusedByName(int size) {
        try (NDManager manager = NDManager.newBaseManager();
                NDArray batch = manager.full(new Shape(size, 1, 8, 8), Float.NaN)) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> runner.run(batch, ExitRule.of(MAX_PROBABILITY, MIXED)))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("sample 0 of the batch: LOGITS at exit 1");
        }
    }
}
