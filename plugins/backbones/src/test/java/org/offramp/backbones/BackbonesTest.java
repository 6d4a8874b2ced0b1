package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.api.Backbone;

class BackbonesTest {
    static Stream<Arguments> backbones() {
        return Stream.of(
                Arguments.of("convnet", convnet(new Shape(1, 28, 28))),
                Arguments.of("convnet of 8×8", convnet(new Shape(1, 8, 8))),
                Arguments.of(
                        "darknet",
                        new DarknetFactory().create(new DarknetFactory.Config(0.1, 6), new Shape(3, 32, 32), 10)),
                Arguments.of("residual", residual(14)),
                Arguments.of(
                        "conv1d",
                        new Conv1dFactory()
                                .create(new Conv1dFactory.Config(List.of(8, 16), 5, 1), new Shape(9, 128), 10)),
                Arguments.of(
                        "mlp", new MlpFactory().create(new MlpFactory.Config(List.of(16, 8)), new Shape(1, 8, 8), 10)));
    }

    private static Backbone convnet(Shape shape) {
        return new ConvNetFactory().create(new ConvNetFactory.Config(List.of(4, 8, 8), 1), shape, 10);
    }

    private static Backbone residual(int depth) {
        return new ResidualFactory().create(new ResidualFactory.Config(depth, 1), new Shape(3, 32, 32), 10);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backbones")
    void stagesComposeToLogitsAndEveryRowIsAnsweredForItself(String name, Backbone backbone) {
        try (NDManager manager = NDManager.newBaseManager()) {
            initialize(manager, backbone);
            NDArray batch = manager.randomNormal(new Shape(7).addAll(backbone.inputShape()));
            NDArray logits = run(manager, backbone, batch);
            assertThat(logits.getShape()).as(name).isEqualTo(new Shape(7, 10));
            float[] third = run(manager, backbone, batch.get("2:3")).toFloatArray();
            float[] expected = logits.get("2:3").toFloatArray();
            for (int k = 0; k < 10; k++) {
                assertThat(third[k]).isCloseTo(expected[k], within(1e-4f));
            }
        }
    }

    @Test
    void theResidualNetworksHaveThePublishedNumbersOfParameters() {
        assertThat(trainableParameters(residual(20))).isEqualTo(269_722);
        assertThat(trainableParameters(residual(56))).isEqualTo(853_018);
        assertThat(residual(56).stages()).hasSize(27);
    }

    @Test
    void theShortcutTakesEverySecondPixelAndPadsChannelsWithZeros() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ResidualBlock block = new ResidualBlock(2, 4, 2);
            block.setInitializer(ai.djl.training.initializer.Initializer.ZEROS, Parameter.Type.WEIGHT);
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 4, 4));
            block.getParameters().values().forEach(parameter -> {
                if (parameter.getType() == Parameter.Type.WEIGHT) {
                    parameter.getArray().muli(0);
                }
            });
            NDArray input = manager.arange(32f).reshape(1, 2, 4, 4);
            NDArray output = block.forward(new ParameterStore(manager, false), new NDList(input), false)
                    .singletonOrThrow();
            assertThat(output.toFloatArray()).containsExactly(0, 0, 0, 0, 0, 2, 8, 10, 16, 18, 24, 26, 0, 0, 0, 0);
        }
    }

    @Test
    void unsuitableShapesAndDepthsAreRefused() {
        assertThatThrownBy(() -> convnet(new Shape(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("convnet takes images (channels, height, width)");
        assertThatThrownBy(() -> new ResidualFactory.Config(21, 1)).hasMessageContaining("depth: 21 is not 6n + 2");
    }

    private static void initialize(NDManager manager, Backbone backbone) {
        Shape shape = new Shape(1).addAll(backbone.inputShape());
        for (var stage : backbone.stages()) {
            stage.block().initialize(manager, DataType.FLOAT32, shape);
            shape = stage.block().getOutputShapes(new Shape[] {shape})[0];
        }
    }

    private static NDArray run(NDManager manager, Backbone backbone, NDArray batch) {
        ParameterStore store = new ParameterStore(manager, false);
        NDArray activation = batch;
        for (var stage : backbone.stages()) {
            activation =
                    stage.block().forward(store, new NDList(activation), false).singletonOrThrow();
        }
        return activation;
    }

    private static long trainableParameters(Backbone backbone) {
        try (NDManager manager = NDManager.newBaseManager()) {
            initialize(manager, backbone);
            return backbone.stages().stream()
                    .flatMap(stage -> stage.block().getParameters().values().stream())
                    .filter(parameter -> parameter.getType() != Parameter.Type.RUNNING_MEAN
                            && parameter.getType() != Parameter.Type.RUNNING_VAR)
                    .mapToLong(parameter -> parameter.getArray().size())
                    .sum();
        }
    }
}
