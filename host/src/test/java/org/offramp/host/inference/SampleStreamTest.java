package org.offramp.host.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
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
@SuppressWarnings("try") // close() answers what is inside: that is what some tests look at
class SampleStreamTest {
    private static final ExitPolicy MAX_PROBABILITY = evidence -> {
        FloatMatrix probabilities = evidence.logits().softmax();
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    };
    private static final ExitRule MIXED = ExitRule.of(MAX_PROBABILITY, new double[] {0.45, 0.6});
    private static final Duration LONG = Duration.ofDays(1);

    private Network network;
    private StageRunner stages;
    private float[][] samples;
    private Answers expected;

    @BeforeAll
    void train(@TempDir Path directory) {
        DataSplits splits = DataSplits.of(new Blobs(600, 200), 0.1, 0.2, false, Normalization.Kind.CHANNEL, 1);
        network = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
        Training.run(
                network,
                splits,
                List.of(new Training.Step("joint", SmallNetworks.joint(20), directory)),
                1,
                Progress.NONE,
                true);
        SampleSet test = splits.openTest();
        stages = StageRunner.opByOp(network);
        samples = new float[200][];
        try (NDManager manager = NDManager.newBaseManager()) {
            int[] all = java.util.stream.IntStream.range(0, 200).toArray();
            NDArray batch = Batches.read(manager, test, all);
            for (int i = 0; i < samples.length; i++) {
                samples[i] = batch.get(i).toFloatArray();
            }
            expected = new EarlyExitRunner(network.plan(), stages).run(batch, MIXED);
        }
        assertThat(expected.exits()).contains(1, 2, 3);
    }

    @AfterAll
    void close() {
        network.close();
    }

    private SampleStream stream(StageRunner runner, ExitRule rule, int batch, Duration wait, int capacity) {
        return new SampleStream(network.plan(), runner, rule, new SampleStream.Settings(batch, wait, capacity));
    }

    private void hasExpected(int sample, CompletableFuture<Answers> answer) {
        Answers given = answer.join();
        assertThat(given.exits()).containsExactly(expected.exits()[sample]);
        assertThat(given.predictions()).containsExactly(expected.predictions()[sample]);
        assertThat(given.logits().row(0))
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(expected.logits().row(sample));
    }

    @Test
    void closingAnswersEverythingWithTheAnswersOfABatch() throws InterruptedException {
        List<CompletableFuture<Answers>> answers = new ArrayList<>();
        try (SampleStream stream = stream(stages, MIXED, 16, LONG, 200)) {
            for (float[] sample : samples) {
                answers.add(stream.submit(sample));
            }
        }
        assertThat(answers).allMatch(CompletableFuture::isDone);
        for (int i = 0; i < samples.length; i++) {
            hasExpected(i, answers.get(i));
        }
    }

    @Test
    void everyStageRunsOnSamplesOfSeveralEntries() throws InterruptedException {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        StageRunner counting = new Forwarding(stages) {
            @Override
            public NDList run(int exit, NDList inputs) {
                calls.add(exit + " of " + inputs.get(0).getShape().get(0));
                return super.run(exit, inputs);
            }
        };
        // At exit 1 the first half of every batch leaves.
        ExitRule half = (evidence, rows) -> {
            ExitRule.Decision stay = ExitRule.plan(new int[rows.length]).decide(evidence, rows);
            boolean[] leaves = new boolean[rows.length];
            for (int row = 0; row < rows.length / 2; row++) {
                leaves[row] = evidence.exit() == 1;
            }
            return new ExitRule.Decision(stay.scores(), leaves);
        };
        List<CompletableFuture<Answers>> answers = new ArrayList<>();
        try (SampleStream stream = stream(counting, half, 4, LONG, 8)) {
            for (int i = 0; i < 8; i++) {
                answers.add(stream.submit(samples[i]));
            }
            answers.forEach(CompletableFuture::join);
        }
        assertThat(calls).containsExactly("1 of 4", "1 of 4", "2 of 4", "3 of 4");
    }

    @Test
    void withoutWaitingASampleIsAnsweredAlone() throws InterruptedException {
        try (SampleStream stream = stream(stages, MIXED, 64, Duration.ZERO, 64)) {
            for (int i = 0; i < 5; i++) {
                hasExpected(i, stream.submit(samples[i]));
            }
        }
    }

    @Test
    void aSampleThatGivesNoFiniteNumberFailsAlone() throws InterruptedException {
        float[] bad = samples[0].clone();
        bad[7] = Float.NaN;
        try (SampleStream stream = stream(stages, MIXED, 4, LONG, 4)) {
            CompletableFuture<Answers> failing = stream.submit(bad);
            List<CompletableFuture<Answers>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(stream.submit(samples[i]));
            }
            assertThatThrownBy(failing::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("LOGITS at exit 1");
            stream.close();
            for (int i = 0; i < 3; i++) {
                hasExpected(i, others.get(i));
            }
        }
    }

    @Test
    void aSampleThatMakesAStageThrowFailsAlone() throws InterruptedException {
        float[] guilty = samples[0].clone();
        guilty[0] = 12345;
        StageRunner choosy = new Forwarding(stages) {
            @Override
            public NDList run(int exit, NDList inputs) {
                if (exit == 1 && inputs.get(0).max().getFloat() == 12345) {
                    throw new IllegalStateException("not this one");
                }
                return super.run(exit, inputs);
            }
        };
        try (SampleStream stream = stream(choosy, MIXED, 4, LONG, 4)) {
            List<CompletableFuture<Answers>> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(stream.submit(samples[i]));
            }
            CompletableFuture<Answers> failing = stream.submit(guilty);
            assertThatThrownBy(failing::join).hasRootCauseMessage("not this one");
            stream.close();
            for (int i = 0; i < 3; i++) {
                hasExpected(i, others.get(i));
            }
        }
    }

    @Test
    void aSampleThatMakesThePolicyThrowFailsAlone() throws InterruptedException {
        int guilty = firstThatPasses(1);
        float refused = logitAtOne(guilty);
        ExitRule strict = (evidence, rows) -> {
            for (int row = 0; row < rows.length; row++) {
                float logit = evidence.output(1, HeadOutput.LOGITS).get(row, 0);
                if (evidence.exit() == 2 && Math.abs(logit - refused) < 1e-5f) {
                    throw new IllegalArgumentException("nor this one");
                }
            }
            return MIXED.decide(evidence, rows);
        };
        List<CompletableFuture<Answers>> answers = new ArrayList<>();
        try (SampleStream stream = stream(stages, strict, 20, LONG, 20)) {
            for (int i = 0; i < 20; i++) {
                answers.add(stream.submit(samples[(guilty + i) % samples.length]));
            }
        }
        assertThatThrownBy(answers.get(0)::join).hasRootCauseMessage("nor this one");
        for (int i = 1; i < 20; i++) {
            hasExpected((guilty + i) % samples.length, answers.get(i));
        }
    }

    private int firstThatPasses(int exit) {
        for (int i = 0; i < samples.length; i++) {
            if (expected.exits()[i] > exit) {
                return i;
            }
        }
        throw new AssertionError("nobody passes exit " + exit);
    }

    /** The first logit at exit 1 when the sample runs alone. */
    private float logitAtOne(int sample) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray batch = manager.create(samples[sample]).reshape(1, 1, 8, 8);
            return new EarlyExitRunner(network.plan(), stages)
                    .trace(batch)
                    .output(1, HeadOutput.LOGITS)
                    .get(0, 0);
        }
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // a future of a future: the outer one is who waits for room
    void whoComesToAFullStreamWaitsOrIsToldSo() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        StageRunner slow = new Forwarding(stages) {
            @Override
            public NDList run(int exit, NDList inputs) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return super.run(exit, inputs);
            }
        };
        try (SampleStream stream = stream(slow, MIXED, 2, Duration.ZERO, 2)) {
            CompletableFuture<Answers> one = stream.submit(samples[0]);
            CompletableFuture<Answers> two = stream.submit(samples[1]);
            assertThat(stream.offer(samples[2])).isEmpty();
            CompletableFuture<CompletableFuture<Answers>> three = CompletableFuture.supplyAsync(() -> {
                try {
                    return stream.submit(samples[2]);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(three).isNotDone();
            go.countDown();
            hasExpected(0, one);
            hasExpected(1, two);
            hasExpected(2, three.join());
            hasExpected(3, stream.offer(samples[3]).orElseThrow());
        }
    }

    @Test
    void aClosedStreamAndASampleOfAnotherSizeAreRefused() throws InterruptedException {
        SampleStream stream = stream(stages, MIXED, 2, Duration.ZERO, 2);
        assertThatThrownBy(() -> stream.submit(new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a sample of 3 values; the network takes 64, of shape (1, 8, 8)");
        stream.close();
        stream.close();
        assertThatThrownBy(() -> stream.submit(samples[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the stream was closed");
    }

    @Test
    void anErrorOfTheMachineLeavesNobodyWaiting() throws InterruptedException {
        StageRunner broken = new Forwarding(stages) {
            @Override
            public NDList run(int exit, NDList inputs) {
                throw new StackOverflowError("on purpose");
            }
        };
        try (SampleStream stream = stream(broken, MIXED, 2, LONG, 2)) {
            CompletableFuture<Answers> one = stream.submit(samples[0]);
            CompletableFuture<Answers> two = stream.submit(samples[1]);
            assertThatThrownBy(one::join).hasRootCauseInstanceOf(InferenceException.class);
            assertThatThrownBy(two::join).hasRootCauseInstanceOf(InferenceException.class);
        }
    }

    private static class Forwarding implements StageRunner {
        private final StageRunner stages;

        Forwarding(StageRunner stages) {
            this.stages = stages;
        }

        @Override
        public NDList run(int exit, NDList inputs) {
            return stages.run(exit, inputs);
        }

        @Override
        public NDArray runBackbone(NDArray batch) {
            return stages.runBackbone(batch);
        }
    }
}
