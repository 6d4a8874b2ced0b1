package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.Backbone;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.PRelu;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Stage;
import org.offramp.host.data.Batches;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.SmallNetworks;

/** Training with compiled stages: the same run every time, and what op by op gives but for the last digits. */
class TrainedStagesTest {
    /** Enough to compile frozen stages too. */
    private static final DataSplits SPLITS =
            DataSplits.of(new Blobs(1700, 40), 0.1, 0.2, false, Normalization.Kind.CHANNEL, 1);

    @TempDir
    private Path work;

    private int run;

    @BeforeAll
    static void engine() {
        Engine.getInstance();
    }

    private PhaseRecord train(Network network, ExitTrainer trainer, WhenToCompile when) {
        Training.Result result = Training.run(
                network,
                SPLITS,
                List.of(new Training.Step("one", trainer, work.resolve("run-" + run++))),
                1,
                Progress.NONE,
                true,
                when);
        return result.phases().get(result.phases().size() - 1);
    }

    private static Network network() {
        return Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
    }

    private static Map<String, List<Float>> parameters(Network network) {
        Map<String, List<Float>> values = new TreeMap<>();
        network.parametersByName()
                .forEach((name, parameter) -> values.put(
                        name,
                        Stream.of(parameter.getArray().toArray())
                                .map(Number::floatValue)
                                .toList()));
        return values;
    }

    private static ExitTrainer phase(Set<Part> parts, int throughExit) {
        return phase(parts, throughExit, 1);
    }

    private static ExitTrainer phase(Set<Part> parts, int throughExit, int epochs) {
        ExitLoss loss = batch -> Losses.crossEntropy(batch.output(throughExit, HeadOutput.LOGITS), batch.labels());
        return session -> {
            session.attachClassifiers();
            session.fit(Phase.of("one", parts, session.training(), loss, throughExit, epochs, 32));
        };
    }

    @Test
    void compiledTrainingRepeatsToTheBitAndFollowsOpByOp() {
        try (Network first = network();
                Network second = network();
                Network plain = network()) {
            PhaseRecord compiled = train(first, SmallNetworks.joint(2), WhenToCompile.ALWAYS);
            PhaseRecord again = train(second, SmallNetworks.joint(2), WhenToCompile.ALWAYS);
            PhaseRecord opByOp = train(plain, SmallNetworks.joint(2), WhenToCompile.NEVER);
            assertThat(compiled.execution()).isEqualTo("compiled");
            assertThat(opByOp.execution()).isEqualTo("op by op");
            assertThat(parameters(second)).isEqualTo(parameters(first));
            assertThat(again.trainingLoss()).isEqualTo(compiled.trainingLoss());
            assertThat(compiled.trainingLoss()).isCloseTo(opByOp.trainingLoss(), within(0.01 * opByOp.trainingLoss()));
        }
    }

    @Test
    void aTrainedStageBetweenFrozenOnesAloneChanges() {
        try (Network compiled = network();
                Network plain = network()) {
            Map<String, List<Float>> before = parameters(compiled);
            PhaseRecord fast = train(compiled, phase(Part.stages(2, 2), 3), WhenToCompile.ALWAYS);
            PhaseRecord slow = train(plain, phase(Part.stages(2, 2), 3), WhenToCompile.NEVER);
            assertThat(fast.execution()).isEqualTo("compiled");
            assertThat(fast.trainingLoss()).isCloseTo(slow.trainingLoss(), within(0.01 * slow.trainingLoss()));
            before.forEach((name, values) -> {
                if (name.startsWith("stage2")) {
                    assertThat(parameters(compiled).get(name)).as(name).isNotEqualTo(values);
                } else {
                    assertThat(parameters(compiled).get(name)).as(name).isEqualTo(values);
                }
            });
        }
    }

    @Test
    void headsTrainOnACompiledFrozenTrunk() {
        try (Network compiled = network();
                Network plain = network()) {
            Set<Part> heads = Part.heads(HeadOutput.LOGITS, 2, 2);
            Map<String, List<Float>> before = parameters(compiled);
            PhaseRecord fast = train(compiled, phase(heads, 2), WhenToCompile.ALWAYS);
            PhaseRecord slow = train(plain, phase(heads, 2), WhenToCompile.NEVER);
            Map<String, List<Float>> trained = parameters(compiled);
            assertThat(fast.trainingLoss()).isCloseTo(slow.trainingLoss(), within(1e-3));
            parameters(plain).forEach((name, values) -> {
                if (name.startsWith("stage")) {
                    assertThat(trained.get(name)).as(name).isEqualTo(values);
                } else if (name.startsWith("head2")) {
                    assertThat(trained.get(name)).as(name).isNotEqualTo(before.get(name));
                }
            });
        }
    }

    /** PReLUs of both kinds, at the end of a stage and within it, and a pooling that a head and the next stage read. */
    private static Network rectified() {
        SequentialBlock first = new SequentialBlock()
                .add(convolution(4))
                .add(BatchNorm.builder().build())
                .add(new PRelu(PRelu.Slopes.SHARED))
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        SequentialBlock second = new SequentialBlock()
                .add(convolution(8))
                .add(new PRelu(PRelu.Slopes.CHANNEL))
                .add(convolution(8))
                .add(new PRelu(PRelu.Slopes.SHARED));
        SequentialBlock third = new SequentialBlock()
                .add(convolution(8))
                .add(new PRelu(PRelu.Slopes.ELEMENT))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(4).build());
        Backbone backbone = Backbone.of(
                new Shape(1, 8, 8),
                4,
                List.of(new Stage("one", first), new Stage("two", second), new Stage("three", third)));
        return Network.assemble(backbone, List.of(1, 2), 1);
    }

    private static Conv2d convolution(int channels) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .setFilters(channels)
                .optBias(false) // whose gradient in front of BatchNorm is rounding
                .build();
    }

    private static double distance(@Nullable List<Float> before, @Nullable List<Float> after) {
        List<Float> one = Objects.requireNonNull(before);
        List<Float> other = Objects.requireNonNull(after);
        double squares = 0;
        for (int i = 0; i < one.size(); i++) {
            squares += Math.pow(one.get(i) - other.get(i), 2);
        }
        return Math.sqrt(squares);
    }

    @Test
    void gradientsGoThroughPRelusAsOpByOp() {
        try (Network compiled = rectified();
                Network plain = rectified()) {
            Map<String, List<Float>> before = parameters(plain);
            PhaseRecord fast = train(compiled, SmallNetworks.joint(1), WhenToCompile.ALWAYS);
            PhaseRecord slow = train(plain, SmallNetworks.joint(1), WhenToCompile.NEVER);
            assertThat(fast.execution()).isEqualTo("compiled");
            assertThat(fast.trainingLoss()).isCloseTo(slow.trainingLoss(), within(1e-3 * slow.trainingLoss()));
            Map<String, List<Float>> trained = parameters(compiled);
            Map<String, List<Float>> expected = parameters(plain);
            before.forEach((name, start) -> assertThat(distance(trained.get(name), expected.get(name)))
                    .as(name)
                    .isLessThanOrEqualTo(0.02 * distance(start, expected.get(name))));
        }
    }

    @Test
    void gradientsGoThroughFrozenPRelus() {
        try (Network compiled = rectified();
                Network plain = rectified()) {
            Map<String, List<Float>> before = parameters(compiled);
            train(compiled, phase(Part.stages(1, 1), 3), WhenToCompile.ALWAYS);
            train(plain, phase(Part.stages(1, 1), 3), WhenToCompile.NEVER);
            Map<String, List<Float>> trained = parameters(compiled);
            Map<String, List<Float>> expected = parameters(plain);
            before.forEach((name, start) -> assertThat(distance(trained.get(name), expected.get(name)))
                    .as(name)
                    .isLessThanOrEqualTo(0.02 * distance(start, expected.get(name))));
            assertThat(trained.get("stage2.02.alpha")).isEqualTo(before.get("stage2.02.alpha"));
        }
    }

    private static Backbone noisy() {
        SequentialBlock noise = new SequentialBlock()
                .add(Blocks.batchFlattenBlock())
                .add(LambdaBlock.singleton(
                        x -> x.add(x.getManager().randomNormal(x.getShape()).mul(0.01f))))
                .add(Linear.builder().setUnits(16).build());
        return Backbone.of(
                new Shape(1, 8, 8),
                4,
                List.of(
                        new Stage("noise", noise),
                        new Stage("last", Linear.builder().setUnits(4).build())));
    }

    @Test
    void aStageThatDrawsRandomNumbersTrainsOpByOpAndSaysWhy() {
        try (Network network = Network.assemble(noisy(), List.of(), 1)) {
            PhaseRecord record = train(network, phase(Part.stages(1, 1), 1), WhenToCompile.ALWAYS);
            assertThat(record.execution())
                    .startsWith("op by op in stages")
                    .contains("draws random numbers (randomNormal)");
            assertThat(Double.isFinite(record.trainingLoss())).isTrue();
        }
    }

    @Test
    void lookingAtTheStagesLeavesTheNetworkAsItWas() {
        try (Network network = network();
                NDManager scope = NDManager.newBaseManager()) {
            Map<String, List<Float>> before = parameters(network);
            network.trainable(part -> true).values().forEach(parameter -> parameter.freeze(false));
            try (TrainedStages stages = TrainedStages.compile(
                    network, part -> true, 3, WhenToCompile.ALWAYS, Batches.read(scope, SPLITS.training(), new int[] {
                        0, 1, 2, 3
                    }))) {
                assertThat(stages.reasons()).isEmpty();
                assertThat(parameters(network)).isEqualTo(before);
                // One memory: what a step of the compiled stage changes is the Block's own running mean.
                stages.forward(1, Batches.read(scope, SPLITS.training(), new int[] {0, 1, 2, 3}));
                assertThat(parameters(network)).isNotEqualTo(before);
            }
            // The parameters outlive the module.
            NDList result = new NDList(network.forwardStage(
                    network.parameters(), 1, Batches.read(scope, SPLITS.training(), new int[] {0}), false));
            assertThat(result.get(0).getShape()).isEqualTo(new Shape(1, 4, 8, 8));
        }
    }

    @Test
    void byItselfAStageWithoutConvolutionsStaysOpByOp() {
        Backbone backbone = Backbone.of(
                new Shape(1, 8, 8),
                4,
                List.of(new Stage(
                        "flat",
                        new SequentialBlock()
                                .add(Blocks.batchFlattenBlock())
                                .add(Linear.builder().setUnits(4).build()))));
        try (Network network = Network.assemble(backbone, List.of(), 1);
                Network images = network()) {
            assertThat(train(network, phase(Part.stages(1, 1), 1, 4), WhenToCompile.AUTO)
                            .execution())
                    .isEqualTo("op by op in stages {1=its operations gain nothing by it}");
            assertThat(train(images, phase(Part.stages(1, 3), 3, 4), WhenToCompile.AUTO)
                            .execution())
                    .isEqualTo("compiled");
            // Too short for it to pay.
            assertThat(train(images, phase(Part.stages(1, 3), 3, 1), WhenToCompile.AUTO)
                            .execution())
                    .isEqualTo("op by op");
        }
    }
}
