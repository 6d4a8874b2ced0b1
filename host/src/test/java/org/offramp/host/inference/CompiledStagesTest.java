package org.offramp.host.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Backbone;
import org.offramp.api.Evidence;
import org.offramp.api.ExitScores;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Stage;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.network.Network;
import org.offramp.host.plugin.PluginFinder;

/** Every network of this project compiled, against the same network run operation by operation. */
class CompiledStagesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "convnet, width: 0.25 | 1 | 16",
                "darknet, width: 0.125 | 3 | 32",
                "residual, depth: 8 | 3 | 16",
                "mobile, width: 0.25 | 1 | 16",
                "resnet, width: 0.125 | 3 | 32",
                "resnet, depth: 50, width: 0.0625 | 3 | 32",
                "mobilenet-v3, width: 0.25 | 3 | 32",
                "mobilenet-v3, size: large, width: 0.25 | 3 | 32",
                "efficientnet, width: 0.25 | 3 | 32",
                "conv1d, width: 0.25 | 6 | 64",
                "mlp | 40 |",
                "autoencoder, hidden: [30, 20], embedding: 5 | 40 |",
                "transformer, width: 16, heads: 2, vocabulary: 20 | 12 |",
                "bert, width: 16, heads: 2, intermediate: 32, vocabulary: 20, positions: 14 | 12 |",
                "bert, width: 16, heads: 2, intermediate: 32, vocabulary: 20, pool: mean | 12 |"
            })
    void everyBackboneCompilesAndAnswersAsOpByOp(String section, long first, @Nullable Long side) {
        Shape shape = side == null
                ? new Shape(first)
                : section.startsWith("conv1d") ? new Shape(first, side) : new Shape(first, side, side);
        Network network = network(section, shape);
        try (network;
                NDManager manager = NDManager.newBaseManager()) {
            shake(network, 3);
            NDArray probe = samples(manager, shape, 9, 1);
            try (CompiledStages compiled = CompiledStages.compile(network, probe)) {
                assertThat(compiled.reasons()).isEmpty();
                for (int batch : new int[] {1, 2, 7, 64}) {
                    compare(network, compiled, samples(manager, shape, batch, batch));
                }
                compareOneCall(network, compiled, samples(manager, shape, 1, 1));
            }
        }
    }

    private static void compare(Network network, CompiledStages compiled, NDArray samples) {
        StageRunner plain = StageRunner.opByOp(network);
        NDArray activation = samples;
        for (int exit = 1; exit <= network.exits(); exit++) {
            NDList expected = plain.run(exit, new NDList(activation));
            NDList given = compiled.run(exit, new NDList(activation));
            for (int i = 0; i < expected.size(); i++) {
                close(expected.get(i), given.get(i), 1);
            }
            activation = expected.get(0);
        }
        // What every stage rounds adds up.
        close(plain.runBackbone(samples), compiled.runBackbone(samples), network.exits());
    }

    /** A batch of one in one call, through all stages and up to the first exit. */
    private static void compareOneCall(Network network, CompiledStages compiled, NDArray sample) {
        List<Float> expected = new ArrayList<>();
        NDArray activation = sample;
        for (int exit = 1; exit <= network.exits(); exit++) {
            NDList given = compiled.run(exit, new NDList(activation));
            for (NDArray output : given.subNDList(1)) {
                for (float value : output.toFloatArray()) {
                    expected.add(value);
                }
            }
            activation = given.get(0);
            if (exit == 1) {
                StageRunner.Stopped first = compiled.runOne(sample, needs(network, Double.NEGATIVE_INFINITY))
                        .orElseThrow();
                assertThat(first.values()).hasSize(expected.size());
                close(activation, first.arrays().get(0), 1);
            }
        }
        StageRunner.Stopped last = compiled.runOne(sample, needs(network, Double.POSITIVE_INFINITY))
                .orElseThrow();
        assertThat(last.arrays()).isEmpty();
        assertThat(last.values()).hasSize(expected.size());
        for (int i = 0; i < last.values().length; i++) {
            float value = expected.get(i);
            assertThat(last.values()[i]).isCloseTo(value, within(1e-5f * Math.max(1, Math.abs(value))));
        }
    }

    private static double[] needs(Network network, double threshold) {
        double[] thresholds = new double[network.exits() - 1];
        Arrays.fill(thresholds, threshold);
        return OneCall.needs(evidence -> ExitScores.ofProbabilities(evidence.logits(), row -> 0), thresholds);
    }

    private static void close(NDArray expected, NDArray given, int stages) {
        assertThat(given.getShape()).isEqualTo(expected.getShape());
        double largest = expected.abs().max().getFloat();
        assertThat((double) expected.sub(given).abs().max().getFloat()).isLessThanOrEqualTo(1e-5 * stages * largest);
    }

    private static NDArray samples(NDManager manager, Shape shape, int batch, long seed) {
        Random random = new Random(seed);
        float[] values = new float[(int) shape.size() * batch];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    shape.dimension() == 1 && shape.get(0) == 12 ? random.nextInt(20) : (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(batch).addAll(shape));
    }

    /** Gives every parameter, running statistics included, a value that matters. */
    private static void shake(Network network, long seed) {
        Random random = new Random(seed);
        for (Map.Entry<String, Parameter> entry : network.parametersByName().entrySet()) {
            NDArray array = entry.getValue().getArray();
            float[] values = array.toFloatArray();
            boolean positive = entry.getValue().getType() == Parameter.Type.RUNNING_VAR;
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (values[i] + 0.1 * (positive ? random.nextDouble() : random.nextGaussian()));
            }
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
            bytes.asFloatBuffer().put(values);
            array.set(bytes);
        }
    }

    private static Network network(String section, Shape shape) {
        Engine.getInstance();
        String yaml = """
                data: { name: glyphs }
                strategies:
                  - name: one
                    backbone: { name: %s }
                    trainers: [ { name: joint } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: [ 0.5 ] }
                """.formatted(section);
        RunConfig config = RunConfigLoader.parse(
                yaml, "test.yaml", List.of(), PluginFinder.find(List.of(), CompiledStagesTest.class.getClassLoader()));
        Backbone backbone = config.strategies().get(0).backbone().create().apply(shape, 5);
        Network network = Network.assemble(
                backbone, IntStream.range(1, backbone.stages().size()).boxed().toList(), 1);
        for (int exit = 1; exit < network.exits(); exit++) {
            network.attach(
                    new Head(
                            exit,
                            HeadOutput.LOGITS,
                            new SequentialBlock()
                                    .add(Blocks.batchFlattenBlock())
                                    .add(Linear.builder().setUnits(5).build())),
                    exit);
        }
        return network;
    }

    private static CompiledStages compiled(Function<NDArray, NDArray> odd, NDManager manager) {
        Backbone backbone = new Backbone() {
            @Override
            public Shape inputShape() {
                return new Shape(4);
            }

            @Override
            public int classes() {
                return 3;
            }

            @Override
            public List<Stage> stages() {
                return List.of(
                        new Stage("odd", new Odd(odd)),
                        new Stage("last", Linear.builder().setUnits(3).build()));
            }
        };
        Network network = Network.assemble(backbone, List.of(1), 1);
        network.attach(
                new Head(1, HeadOutput.LOGITS, Linear.builder().setUnits(3).build()), 1);
        CompiledStages compiled = CompiledStages.compile(network, samples(manager, new Shape(4), 3, 1));
        compiled.run(1, new NDList(samples(manager, new Shape(4), 3, 1)));
        return compiled;
    }

    /** A gate at exits 2 and 3 reads the logits of exit 1: they come back with the activation where the one call stops. */
    @Test
    void aBatchOfOneGoesOnFromWhereItStopped() {
        Shape shape = new Shape(40);
        Network network = network("mlp, hidden: [30, 20, 10]", shape);
        try (network;
                NDManager manager = NDManager.newBaseManager()) {
            int[] across = {1};
            LambdaBlock both = new LambdaBlock(inputs -> new NDList(
                    inputs.get(0).mean(across, true).add(inputs.get(1).mean(across, true))));
            for (int exit = 2; exit <= 3; exit++) {
                network.attach(
                        new Head(exit, HeadOutput.COMMITMENT, both, List.of(new Head.Input(1, HeadOutput.LOGITS))),
                        exit);
            }
            shake(network, 3);
            NDArray sample = samples(manager, shape, 1, 7);
            try (CompiledStages compiled = CompiledStages.compile(network, samples(manager, shape, 9, 1))) {
                EarlyExitRunner runner = new EarlyExitRunner(network.plan(), compiled);
                Evidence expected = runner.trace(sample);
                for (int stop = 1; stop <= network.exits(); stop++) {
                    List<Evidence> asked = new ArrayList<>();
                    ExitRule stays = (evidence, samples) -> {
                        asked.add(evidence);
                        return new ExitRule.Decision(
                                ExitScores.ofProbabilities(evidence.logits().softmax(), row -> 0), new boolean[1]);
                    };
                    runner.run(sample, new KnownNeeds(stays, OneCall.until(stop)));
                    assertThat(asked).hasSize(network.exits() - stop + 1);
                    same(asked.get(asked.size() - 1), expected);
                }
            }
        }
    }

    private static void same(Evidence given, Evidence expected) {
        for (int exit = 1; exit <= expected.exits(); exit++) {
            for (HeadOutput output : HeadOutput.values()) {
                assertThat(given.has(exit, output)).isEqualTo(expected.has(exit, output));
                if (given.has(exit, output)) {
                    assertThat(given.output(exit, output).toArray())
                            .containsExactly(expected.output(exit, output).toArray(), within(1e-5f));
                }
            }
        }
    }

    @Test
    void aRandomBlockRunsOpByOpAndSaysWhy() {
        try (NDManager manager = NDManager.newBaseManager();
                CompiledStages compiled = compiled(x -> x.add(x.getManager().randomNormal(x.getShape())), manager)) {
            assertThat(compiled.reasons().get(1)).contains("Odd").contains("random numbers (randomNormal)");
            assertThat(compiled.reasons()).containsOnlyKeys(1);
            assertThat(compiled.describe(2)).isEqualTo("compiled except stages [1]");
        }
    }

    @Test
    void aBlockThatLooksAtAValueRunsOpByOpAndSaysWhy() {
        try (NDManager manager = NDManager.newBaseManager();
                CompiledStages compiled = compiled(x -> x.sum().getFloat() > 0 ? x : x.neg(), manager)) {
            assertThat(compiled.reasons().get(1)).contains("Odd").contains("reads a value that depends on the input");
        }
    }

    @Test
    void aBlockWithAnUnknownOperationRunsOpByOpAndSaysWhich() {
        try (NDManager manager = NDManager.newBaseManager();
                CompiledStages compiled = compiled(x -> x.sort(), manager)) {
            assertThat(compiled.reasons().get(1)).contains("Odd").contains("sort");
        }
    }

    @Test
    void aBlockWhoseOperationsDependOnTheBatchRunsOpByOp() {
        try (NDManager manager = NDManager.newBaseManager();
                CompiledStages compiled = compiled(x -> x.getShape().get(0) > 2 ? x.neg() : x.abs(), manager)) {
            assertThat(compiled.reasons().get(1)).contains("depend on the size of the batch");
        }
    }

    /** A block that applies a function. */
    static final class Odd extends ai.djl.nn.AbstractBlock {
        private final Function<NDArray, NDArray> function;

        Odd(Function<NDArray, NDArray> function) {
            this.function = function;
        }

        @Override
        protected NDList forwardInternal(
                ai.djl.training.ParameterStore store,
                NDList inputs,
                boolean training,
                ai.djl.util.PairList<String, Object> params) {
            return new NDList(function.apply(inputs.singletonOrThrow()));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] shapes) {
            return shapes;
        }
    }
}
