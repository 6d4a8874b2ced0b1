package org.offramp.host.graph;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.LinearCollection;
import ai.djl.nn.core.Multiplication;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.IdEmbedding;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** DJL's own Blocks and the networks of its model zoo. */
final class DjlBlocks {
    private static final Shape TWO = new Shape(2, 2);
    private static final Shape SIX = new Shape(6);

    private DjlBlocks() {}

    static Stream<Subject> all() {
        return Stream.of(convolutions(), norms(), pools(), activations(), others(), transformers(), zoo())
                .flatMap(Function.identity());
    }

    private static Conv2d.Builder convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1));
    }

    /** Where the engine's own gradient dies with channels last and two threads. */
    private static Block narrowSteps() {
        return new SequentialBlock()
                .add(convolution(8).build())
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(1, 1))
                        .setFilters(16)
                        .optStride(TWO)
                        .build())
                .add(convolution(8).build());
    }

    private static Stream<Subject> convolutions() {
        String group = "convolution";
        return Stream.of(
                Subject.of(
                        group,
                        "Conv1d",
                        () -> Conv1d.builder()
                                .setKernelShape(new Shape(3))
                                .setFilters(6)
                                .build(),
                        4,
                        20),
                Subject.of(group, "Conv2d", () -> convolution(6).build(), 3, 9, 9),
                Subject.of(group, "Conv2d, one channel", () -> convolution(6).build(), 1, 9, 9),
                Subject.of(
                        group,
                        "Conv2d without bias, strided",
                        () -> convolution(6).optStride(TWO).optBias(false).build(),
                        4,
                        9,
                        9),
                Subject.of(
                        group,
                        "Conv2d in groups",
                        () -> convolution(8).optGroups(2).build(),
                        4,
                        9,
                        9),
                Subject.of(group, "Conv2d of 1 x 1, strided, few channels", DjlBlocks::narrowSteps, 8, 32, 32)
                        .upTo(7),
                Subject.of(
                        group,
                        "Conv2d depthwise",
                        () -> convolution(4).optGroups(4).build(),
                        4,
                        9,
                        9),
                Subject.of(
                        group,
                        "Conv2d dilated",
                        () -> convolution(4).optDilation(TWO).build(),
                        3,
                        9,
                        9),
                Subject.of(
                        group,
                        "Conv3d",
                        () -> Conv3d.builder()
                                .setKernelShape(new Shape(3, 3, 3))
                                .setFilters(4)
                                .build(),
                        2,
                        6,
                        6,
                        6));
    }

    private static Stream<Subject> norms() {
        String group = "normalisation";
        return Stream.of(
                Subject.of(
                        group, "BatchNorm of vectors", () -> BatchNorm.builder().build(), 6),
                Subject.of(
                        group, "BatchNorm of images", () -> BatchNorm.builder().build(), 4, 5, 5),
                Subject.of(
                        group,
                        "BatchNorm without scale and centre",
                        () -> BatchNorm.builder()
                                .optScale(false)
                                .optCenter(false)
                                .optMomentum(0.7f)
                                .build(),
                        4,
                        5,
                        5),
                Subject.of(
                        group,
                        "Conv2d, BatchNorm, relu",
                        () -> new SequentialBlock()
                                .add(convolution(6).build())
                                .add(BatchNorm.builder().build())
                                .add(Activation.reluBlock()),
                        3,
                        8,
                        8),
                Subject.of(
                        group, "GhostBatchNorm", () -> GhostBatchNorm.builder().build(), 6),
                Subject.of(group, "LayerNorm", () -> LayerNorm.builder().build(), 5, 8),
                Subject.of(
                        group, "Dropout", () -> Dropout.builder().optRate(0.3f).build(), 4, 5));
    }

    private static Stream<Subject> pools() {
        String group = "pooling";
        return Stream.of(
                Subject.of(group, "maxPool1d", () -> Pool.maxPool1dBlock(new Shape(2), new Shape(2)), 3, 9),
                Subject.of(
                        group, "maxPool2d", () -> Pool.maxPool2dBlock(new Shape(3, 3), TWO, new Shape(1, 1)), 3, 9, 9),
                Subject.of(group, "maxPool3d", () -> Pool.maxPool3dBlock(new Shape(2, 2, 2)), 2, 4, 4, 4),
                Subject.of(group, "avgPool1d", () -> Pool.avgPool1dBlock(new Shape(2), new Shape(2)), 3, 9),
                Subject.of(group, "avgPool2d", () -> Pool.avgPool2dBlock(TWO, TWO, new Shape(1, 1)), 3, 8, 8),
                Subject.of(group, "avgPool3d", () -> Pool.avgPool3dBlock(new Shape(2, 2, 2)), 2, 4, 4, 4),
                Subject.of(group, "globalMaxPool1d", Pool::globalMaxPool1dBlock, 3, 9),
                Subject.of(group, "globalMaxPool2d", Pool::globalMaxPool2dBlock, 3, 5, 5),
                Subject.of(group, "globalMaxPool3d", Pool::globalMaxPool3dBlock, 3, 3, 3, 3),
                Subject.of(group, "globalAvgPool1d", Pool::globalAvgPool1dBlock, 3, 9),
                Subject.of(group, "globalAvgPool2d", Pool::globalAvgPool2dBlock, 3, 5, 5),
                Subject.of(group, "globalAvgPool3d", Pool::globalAvgPool3dBlock, 3, 3, 3, 3),
                Subject.of(group, "lpPool2d", () -> Pool.lpPool2dBlock(2, TWO), 3, 8, 8));
    }

    private static Stream<Subject> activations() {
        String group = "activation";
        return Stream.of(
                Subject.of(group, "relu", Activation::reluBlock, 3, 7),
                Subject.of(group, "relu6", Activation::relu6Block, 3, 7),
                Subject.of(group, "sigmoid", Activation::sigmoidBlock, 3, 7),
                Subject.of(group, "tanh", Activation::tanhBlock, 3, 7),
                Subject.of(group, "softPlus", Activation::softPlusBlock, 3, 7),
                Subject.of(group, "softSign", Activation::softSignBlock, 3, 7),
                Subject.of(group, "leakyRelu", () -> Activation.leakyReluBlock(0.1f), 3, 7),
                Subject.of(group, "elu", () -> Activation.eluBlock(1.5f), 3, 7),
                Subject.of(group, "selu", Activation::seluBlock, 3, 7),
                Subject.of(group, "gelu", Activation::geluBlock, 3, 7),
                Subject.of(group, "swish", () -> Activation.swishBlock(1.2f), 3, 7),
                Subject.of(group, "mish", Activation::mishBlock, 3, 7));
    }

    private static Stream<Subject> others() {
        return Stream.of(
                Subject.of(
                        "linear", "Linear", () -> Linear.builder().setUnits(5).build(), 7),
                Subject.of(
                        "linear",
                        "Linear without bias, on sequences",
                        () -> Linear.builder().setUnits(5).optBias(false).build(),
                        4,
                        7),
                Subject.of(
                        "linear",
                        "LinearCollection",
                        () -> LinearCollection.builder().setUnits(5).build(),
                        4,
                        7),
                Subject.of(
                        "linear",
                        "Multiplication",
                        () -> Multiplication.builder().setUnits(5).build(),
                        7),
                Subject.of(
                        "linear",
                        "batchFlatten, Linear",
                        () -> new SequentialBlock()
                                .add(Blocks.batchFlattenBlock())
                                .add(Linear.builder().setUnits(5).build()),
                        3,
                        4,
                        4),
                Subject.of(
                                "embedding",
                                "IdEmbedding",
                                () -> new IdEmbedding.Builder()
                                        .setDictionarySize(20)
                                        .setEmbeddingSize(6)
                                        .build(),
                                9)
                        .onTokens(20),
                Subject.of("containers", "identity", Blocks::identityBlock, 3, 4),
                Subject.of(
                        "containers",
                        "LambdaBlock",
                        () -> LambdaBlock.singleton(x -> x.mul(2).add(1).square()),
                        3,
                        4),
                Subject.of(
                        "containers",
                        "ParallelBlock, joined",
                        () -> new ParallelBlock(
                                lists -> new NDList(lists.get(0)
                                        .singletonOrThrow()
                                        .concat(lists.get(1).singletonOrThrow(), 1)),
                                List.<Block>of(
                                        convolution(3).build(), convolution(2).build())),
                        3,
                        6,
                        6),
                Subject.of(
                        "containers",
                        "ParallelBlock, added",
                        () -> new ParallelBlock(
                                lists -> new NDList(lists.get(0)
                                        .singletonOrThrow()
                                        .add(lists.get(1).singletonOrThrow())),
                                List.<Block>of(convolution(3).build(), Blocks.identityBlock())),
                        3,
                        6,
                        6),
                Subject.of(
                        "recurrent",
                        "RNN",
                        () -> recurrent(RNN.builder()
                                .setStateSize(4)
                                .setNumLayers(1)
                                .setActivation(RNN.Activation.TANH)
                                .build()),
                        5,
                        3),
                Subject.of(
                        "recurrent",
                        "LSTM",
                        () -> recurrent(
                                LSTM.builder().setStateSize(4).setNumLayers(1).build()),
                        5,
                        3),
                Subject.of(
                        "recurrent",
                        "GRU",
                        () -> recurrent(
                                GRU.builder().setStateSize(4).setNumLayers(1).build()),
                        5,
                        3));
    }

    private static Block recurrent(Block block) {
        return new SequentialBlock().add(block);
    }

    private static Stream<Subject> transformers() {
        String group = "transformer";
        return Stream.of(
                Subject.of(
                        group,
                        "ScaledDotProductAttentionBlock",
                        () -> ScaledDotProductAttentionBlock.builder()
                                .setEmbeddingSize(8)
                                .setHeadCount(2)
                                .optAttentionProbsDropoutProb(0.1f)
                                .build(),
                        6,
                        8),
                Subject.of(
                        group,
                        "PointwiseFeedForwardBlock",
                        () -> new PointwiseFeedForwardBlock(List.of(12), 8, array -> Activation.gelu(array)),
                        6,
                        8),
                Subject.of(
                        group,
                        "TransformerEncoderBlock",
                        () -> new TransformerEncoderBlock(8, 2, 16, 0.1f, Activation::gelu),
                        6,
                        8),
                new Subject(group, "BertBlock", DjlBlocks::bert, List.of(SIX, SIX, SIX), 2, 2, 64));
    }

    /** Words, their segments and a mask; DJL gives one sample another shape than many. */
    private static Block bert() {
        return BertBlock.builder()
                .setTokenDictionarySize(2)
                .optEmbeddingSize(16)
                .optHiddenSize(32)
                .optTransformerBlockCount(2)
                .optAttentionHeadCount(2)
                .optMaxSequenceLength(6)
                .optHiddenDropoutProbability(0)
                .build();
    }

    private static Stream<Subject> zoo() {
        String group = "model zoo";
        return Stream.of(
                Subject.of(group, "Mlp", () -> new Mlp(28, 10, new int[] {16, 8}), 28),
                Subject.of(group, "LeNet", () -> LeNet.builder().build(), 1, 28, 28),
                Subject.of(group, "GoogLeNet", () -> GoogLeNet.builder().build(), 1, 96, 96)
                        .upTo(7),
                Subject.of(group, "SqueezeNet", () -> SqueezeNet.squeezenet(10), 3, 96, 96)
                        .upTo(7),
                Subject.of(
                                group,
                                "MobileNetV1",
                                () -> MobileNetV1.builder().setOutSize(10).build(),
                                3,
                                64,
                                64)
                        .upTo(7),
                Subject.of(
                                group,
                                "MobileNetV2",
                                () -> MobileNetV2.builder().setOutSize(10).build(),
                                3,
                                64,
                                64)
                        .upTo(7),
                Subject.of(
                                group,
                                "ResNetV1-18",
                                () -> ResNetV1.builder()
                                        .setImageShape(new Shape(3, 64, 64))
                                        .setNumLayers(18)
                                        .setOutSize(10)
                                        .build(),
                                3,
                                64,
                                64)
                        .upTo(7),
                Subject.of(
                                group,
                                "ResNetV1-50",
                                () -> ResNetV1.builder()
                                        .setImageShape(new Shape(3, 64, 64))
                                        .setNumLayers(50)
                                        .setOutSize(10)
                                        .build(),
                                3,
                                64,
                                64)
                        .upTo(2));
    }
}
