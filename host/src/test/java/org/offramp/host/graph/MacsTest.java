package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.IdEmbedding;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.host.network.Network;

/** MACs against the figures that papers print and against counts by hand. */
class MacsTest {
    private static final Shape IMAGENET = new Shape(3, 224, 224);
    private static final Shape CIFAR = new Shape(3, 32, 32);

    @BeforeAll
    static void engine() {
        Engine.getInstance();
    }

    private static long count(Block block, Shape shape) {
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(shape));
            StageFunction function = block::forward;
            long first = Macs.perSample(function, List.of(shape));
            assertThat(Macs.perSample(function, List.of(shape)))
                    .as("the second call")
                    .isEqualTo(first);
            return first;
        }
    }

    private static Block zooResNet50() {
        return ResNetV1.builder()
                .setImageShape(IMAGENET)
                .setNumLayers(50)
                .setOutSize(1000)
                .build();
    }

    /** Name, network, exact count, the printed figure in millions and its last digit's worth. */
    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of("ResNet-18 (He 2016: 1.8 G)", PublishedNetworks.resNet18(), 1_814_073_344L, 1_800, 100),
                Arguments.of(
                        "ResNet-50, stride in the 1 x 1 (He 2016: 3.8 G)", zooResNet50(), 3_857_973_248L, 3_800, 100),
                Arguments.of(
                        "MobileNetV2 (Sandler 2018: 300 M)", PublishedNetworks.mobileNetV2(), 300_774_272L, 300, 1),
                // Printed as 0.81 billion operations, two to a MAC.
                Arguments.of(
                        "Darknet reference (Redmon: 0.81 Bn ops)", PublishedNetworks.darknet(), 402_571_264L, 405, 5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("published")
    void imageNetNetworksHaveTheirPublishedCost(String name, Block network, long exact, double millions, double unit) {
        long macs = count(network, IMAGENET);
        assertThat(macs).isEqualTo(exact);
        assertThat(macs / 1e6).isBetween(millions - unit, millions + unit);
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource({"20, 40551040", "56, 125485696"})
    void residualNetworksForCifarHaveTheirPublishedCost(int depth, long exact) {
        // He et al. 2016, section 4.2: 3 · 9 · 16 · 32², then per group 2n convolutions, option A, and 64 · 10.
        int n = (depth - 2) / 6;
        long wide = 16L * 16 * 9 * 32 * 32;
        assertThat(exact).isEqualTo(3 * 9 * 16 * 32 * 32 + 2L * n * wide + 2 * (wide / 2 + (2 * n - 1) * wide) + 640);
        try (Network network =
                Network.assemble(OfframpBlocks.create("residual, depth: " + depth, CIFAR, 10), List.of(), 1)) {
            assertThat(network.backboneMacs()).isEqualTo(exact);
            assertThat(network.backboneMacs()).isEqualTo(exact);
        }
    }

    @Test
    void thisProjectsDarknetDiffersFromTheReferenceByItsLastPoolingOnly() {
        // 3 × 3 positions after the sixth pooling in the place of 4 × 4.
        long last = 512L * 9 * 1024 + 1024 * 1000;
        try (Network network = Network.assemble(OfframpBlocks.create("darknet", IMAGENET, 1000), List.of(2), 1)) {
            assertThat(network.backboneMacs()).isEqualTo(402_571_264L - 16 * last + 9 * last);
            assertThat(network.stageMacs(1)).isEqualTo(3 * 9 * 16 * 224 * 224 + 16 * 9 * 32 * 112 * 112);
        }
    }

    private static Conv2d.Builder convolution(int kernel, int filters) {
        return Conv2d.builder().setKernelShape(new Shape(kernel, kernel)).setFilters(filters);
    }

    /** Each count is worked by hand: outputs · weights that one output uses. */
    static Stream<Arguments> small() {
        return Stream.of(
                Arguments.of("linear", Linear.builder().setUnits(5).build(), new Shape(7), 5 * 7),
                Arguments.of("linear on 4 places", Linear.builder().setUnits(5).build(), new Shape(4, 7), 4 * 5 * 7),
                Arguments.of("convolution", convolution(3, 6).build(), new Shape(3, 9, 9), 6 * 7 * 7 * 3 * 9),
                Arguments.of(
                        "padded, strided",
                        convolution(3, 6)
                                .optPadding(new Shape(1, 1))
                                .optStride(new Shape(2, 2))
                                .build(),
                        new Shape(3, 9, 9),
                        6 * 5 * 5 * 3 * 9),
                Arguments.of(
                        "in 2 groups", convolution(3, 6).optGroups(2).build(), new Shape(4, 9, 9), 6 * 7 * 7 * 2 * 9),
                Arguments.of("depthwise", convolution(3, 4).optGroups(4).build(), new Shape(4, 9, 9), 4 * 7 * 7 * 9),
                Arguments.of(
                        "dilated",
                        convolution(3, 6).optDilation(new Shape(2, 2)).build(),
                        new Shape(3, 9, 9),
                        6 * 5 * 5 * 3 * 9),
                Arguments.of("pointwise", convolution(1, 6).build(), new Shape(4, 9, 9), 6 * 81 * 4),
                Arguments.of(
                        "1-D",
                        Conv1d.builder()
                                .setKernelShape(new Shape(3))
                                .setFilters(6)
                                .build(),
                        new Shape(4, 10),
                        6 * 8 * 4 * 3),
                Arguments.of(
                        "3-D",
                        Conv3d.builder()
                                .setKernelShape(new Shape(3, 3, 3))
                                .setFilters(2)
                                .build(),
                        new Shape(2, 5, 5, 5),
                        2 * 27 * 2 * 27),
                // Four linear maps 8 → 8 of six places; per head 6 × 6 products of length 4, and as many back.
                Arguments.of(
                        "attention",
                        ScaledDotProductAttentionBlock.builder()
                                .setEmbeddingSize(8)
                                .setHeadCount(2)
                                .build(),
                        new Shape(6, 8),
                        4 * 6 * 8 * 8 + 2 * (2 * 6 * 6 * 4)),
                Arguments.of(
                        "BatchNorm, activation, pooling",
                        new SequentialBlock()
                                .add(BatchNorm.builder().build())
                                .add(Activation.geluBlock())
                                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                                .add(Pool.globalAvgPool2dBlock()),
                        new Shape(4, 8, 8),
                        0),
                Arguments.of("LayerNorm", LayerNorm.builder().build(), new Shape(5, 8), 0),
                Arguments.of(
                        "embedding",
                        new IdEmbedding.Builder()
                                .setDictionarySize(20)
                                .setEmbeddingSize(6)
                                .build(),
                        new Shape(9),
                        0),
                // Five steps; from 3 inputs and 4 states to 4 states, four times as many gates for the LSTM, three for
                // the GRU.
                Arguments.of(
                        "RNN",
                        RNN.builder()
                                .setStateSize(4)
                                .setNumLayers(1)
                                .setActivation(RNN.Activation.TANH)
                                .build(),
                        new Shape(5, 3),
                        5 * (4 * 3 + 4 * 4)),
                Arguments.of(
                        "LSTM",
                        LSTM.builder().setStateSize(4).setNumLayers(1).build(),
                        new Shape(5, 3),
                        5 * 4 * (4 * 3 + 4 * 4)),
                Arguments.of(
                        "GRU",
                        GRU.builder().setStateSize(4).setNumLayers(1).build(),
                        new Shape(5, 3),
                        5 * 3 * (4 * 3 + 4 * 4)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("small")
    void smallBlocksCostWhatAHandCounts(String name, Block block, Shape shape, long expected) {
        assertThat(count(block, shape)).isEqualTo(expected);
    }
}
