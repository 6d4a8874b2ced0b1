package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.PRelu;
import org.offramp.api.StrategyPlugin;

class BackbonesTest {
    private static final int CLASSES = 10;

    /** A backbone, how many stages it has and how many numbers are trained, counted by hand. */
    record Case(String name, Backbone backbone, int stages, long trained) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Shape grey = new Shape(1, 28, 28);
        Shape colour = new Shape(3, 32, 32);
        List<Integer> three = List.of(16, 32, 64);
        return Stream.of(
                new Case("convnet", new ConvNet().create(new ConvNet.Config(three, 1), grey, CLASSES), 3, 24_058),
                new Case(
                        "convnet of half width on tiny images",
                        new ConvNet().create(new ConvNet.Config(three, 0.5), new Shape(1, 5, 3), CLASSES),
                        3,
                        72 + 16 + 1152 + 32 + 4608 + 64 + 330),
                new Case("darknet", new Darknet().create(new Darknet.Config(1, 6), colour, CLASSES), 7, 6_304_666),
                new Case(
                        "darknet on 28x28",
                        new Darknet().create(new Darknet.Config(0.25, 6), grey, CLASSES),
                        7,
                        9 * (4 + 32 + 128 + 512 + 2048 + 8192 + 32768) + 2 * 508 + 2570),
                new Case(
                        "residual 20",
                        new Residual().create(new Residual.Config(20, 1, Optional.empty()), colour, CLASSES),
                        9,
                        269_722),
                new Case(
                        "residual 56",
                        new Residual().create(new Residual.Config(56, 1, Optional.empty()), colour, CLASSES),
                        27,
                        853_018),
                new Case(
                        "residual 8 on odd sides",
                        new Residual()
                                .create(new Residual.Config(8, 0.5, Optional.empty()), new Shape(1, 7, 9), CLASSES),
                        3,
                        72 + 16 + 2 * (576 + 16) + 1152 + 2304 + 64 + 4608 + 9216 + 128 + 330),
                new Case("resnet-18", resnet(18, 1, new Shape(3, 64, 64), 1000), 8, 11_689_512),
                new Case("resnet-34", resnet(34, 1, new Shape(3, 32, 32), 1000), 16, 21_797_672),
                new Case("resnet-50", resnet(50, 1, new Shape(3, 32, 32), 1000), 16, 25_557_032),
                new Case("resnet-50 of an eighth", resnet(50, 0.125, new Shape(1, 6, 7), 5), 16, 374_653),
                new Case("mobilenet-v3 large", mobileNet(MobileNetV3.Size.LARGE, 1, 1000), 15, 5_483_032),
                new Case("mobilenet-v3 small", mobileNet(MobileNetV3.Size.SMALL, 1, 1000), 11, 2_542_856),
                new Case(
                        "efficientnet b0",
                        new EfficientNet()
                                .create(
                                        new EfficientNet.Config(1, Optional.empty(), false),
                                        new Shape(3, 64, 64),
                                        1000),
                        16,
                        5_288_548),
                new Case("mobile", new Mobile().create(mobile(List.of(32, 64, 128, 256)), colour, CLASSES), 4, 51_306),
                new Case(
                        "mobile with strides and PReLU; 37,715 with the running statistics",
                        new Mobile()
                                .create(
                                        new Mobile.Config(
                                                List.of(64, 64, 128, 128),
                                                1,
                                                Optional.of(List.of(2, 1, 2, 1)),
                                                Optional.of(32),
                                                Optional.of(PRelu.Slopes.SHARED)),
                                        grey,
                                        10),
                        4,
                        36_307),
                new Case(
                        "conv1d",
                        new Conv1dNet()
                                .create(
                                        new Conv1dNet.Config(List.of(32, 64, 64, 128), 5, 1),
                                        new Shape(9, 128),
                                        CLASSES),
                        4,
                        74_470 + 4 * 129),
                new Case("mlp", new Mlp().create(new Mlp.Config(List.of(128, 128)), grey, CLASSES), 2, 118_282),
                new Case(
                        "autoencoder",
                        new Autoencoder().create(new Autoencoder.Config(List.of(500, 500, 2000), 10), grey, CLASSES),
                        5,
                        392_500 + 250_500 + 1_002_000 + 20_010 + 100),
                new Case("mlp on a vector", new Mlp().create(new Mlp.Config(List.of(5)), new Shape(4), 2), 1, 25 + 12),
                new Case(
                        "transformer",
                        new Transformer().create(new Transformer.Config(2, 32, 4, 100), new Shape(16), 4),
                        2,
                        29_316 - 2 * 32),
                new Case(
                        "bert",
                        new Bert()
                                .create(
                                        new Bert.Config(
                                                2, 32, 4, 64, 100, 20, TokenPool.CLS, Optional.empty(), false, 0, 32),
                                        new Shape(16),
                                        4),
                        2,
                        122 * 32 + 64 + 2 * (4 * (32 * 32 + 32) + 2 * 64 + 2 * 32 * 64 + 64 + 32) + 32 * 33 + 4 * 33));
    }

    private static Backbone resnet(int depth, double width, Shape shape, int classes) {
        return new ResNet().create(new ResNet.Config(depth, width, Optional.empty(), false), shape, classes);
    }

    private static Mobile.Config mobile(List<Integer> channels) {
        return new Mobile.Config(channels, 1, Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Test
    void stridesAndChannelsOfMobileGoInPairs() {
        assertThatThrownBy(() -> new Mobile.Config(
                        List.of(8, 8), 1, Optional.of(List.of(2)), Optional.empty(), Optional.empty()))
                .hasMessage("strides has 1 entries and channels 2; allowed are as many");
    }

    private static Backbone mobileNet(MobileNetV3.Size size, double width, int classes) {
        return new MobileNetV3()
                .create(new MobileNetV3.Config(size, width, Optional.empty(), false), new Shape(3, 64, 64), classes);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stagesComposeToLogitsAtEveryBatchSize(Case one) {
        assertThat(one.backbone().stages()).hasSize(one.stages());
        try (NDManager manager = NDManager.newBaseManager()) {
            Network network = new Network(manager, one.backbone());
            for (int batch : new int[] {1, 2, 7}) {
                List<NDArray> activations = network.activations(input(manager, one.backbone(), batch), false);
                Shape shape = new Shape(batch).addAll(one.backbone().inputShape());
                for (int stage = 1; stage <= activations.size(); stage++) {
                    shape = network.block(stage).getOutputShapes(new Shape[] {shape})[0];
                    assertThat(activations.get(stage - 1).getShape()).isEqualTo(shape);
                }
                assertThat(shape).isEqualTo(new Shape(batch, one.backbone().classes()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRowAloneGivesWhatItGivesInABatch(Case one) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Network network = new Network(manager, one.backbone());
            NDArray input = input(manager, one.backbone(), 7);
            network.activations(input, true);
            float[] together = network.logits(input).toFloatArray();
            int classes = one.backbone().classes();
            for (int index = 0; index < 7; index++) {
                float[] alone =
                        network.logits(input.get(index + ":" + (index + 1))).toFloatArray();
                float[] row = Arrays.copyOfRange(together, index * classes, (index + 1) * classes);
                float greatest = 1;
                for (float logit : row) {
                    assertThat(logit).isFinite();
                    greatest = Math.max(greatest, Math.abs(logit));
                }
                assertThat(alone).containsExactly(row, within(1e-5f * greatest));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theNumberOfTrainedNumbersIsTheOneCountedByHand(Case one) {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThat(new Network(manager, one.backbone()).trainableNumbers()).isEqualTo(one.trained());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aGradientReachesEveryTrainedParameter(Case one) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Network network = new Network(manager, one.backbone());
            NDArray input = input(manager, one.backbone(), 7);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                List<NDArray> activations = network.activations(input, true);
                NDArray logits = activations.get(activations.size() - 1);
                collector.backward(logits.square().sum().add(logits.get(":, 0").sum()));
            }
            // A bias of attention's keys adds the same to every score of a query.
            List<Parameter> withoutEffect = one.backbone().publishedParameters().entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith("self.key.bias"))
                    .map(java.util.Map.Entry::getValue)
                    .toList();
            for (Parameter parameter : network.trainable()) {
                if (withoutEffect.contains(parameter)) {
                    continue;
                }
                float most = parameter.getArray().getGradient().abs().max().getFloat();
                assertThat(most).as(parameter.getName()).isFinite().isGreaterThan(0);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameLogits() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Backbone first = new ConvNet().create(new ConvNet.Config(List.of(4, 8), 1), new Shape(1, 8, 8), 3);
            Backbone second = new ConvNet().create(new ConvNet.Config(List.of(4, 8), 1), new Shape(1, 8, 8), 3);
            NDArray input = manager.ones(new Shape(2, 1, 8, 8));
            assertThat(new Network(manager, first).logits(input).toFloatArray())
                    .isEqualTo(new Network(manager, second).logits(input).toFloatArray());
        }
    }

    @Test
    void thePluginIsFoundAndNamesItsBackbones() {
        StrategyPlugin plugin =
                ServiceLoader.load(StrategyPlugin.class).findFirst().orElseThrow();
        assertThat(plugin.name()).isEqualTo("backbones");
        assertThat(plugin.backbones())
                .extracting(BackboneFactory::name)
                .containsExactly(
                        "convnet",
                        "darknet",
                        "residual",
                        "resnet",
                        "mobilenet-v3",
                        "efficientnet",
                        "mobile",
                        "conv1d",
                        "mlp",
                        "autoencoder",
                        "transformer",
                        "bert",
                        "torchscript");
    }

    @Test
    void shapesThatDoNotSuitAreRefusedWithWhatWould() {
        ConvNet.Config convnet = new ConvNet.Config(List.of(16), 1);
        assertThatThrownBy(() -> new ConvNet().create(convnet, new Shape(9, 128), 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the backbone 'convnet' needs images (channels, height, width); for sensor windows use conv1d"
                                + " or mlp; the samples have the shape (9, 128)");
        assertThatThrownBy(() -> new ConvNet().create(convnet, new Shape(1, 0, 8), 10))
                .hasMessageContaining("(1, 0, 8)");
        assertThatThrownBy(() -> new Darknet().create(new Darknet.Config(1, 6), new Shape(64), 10))
                .hasMessageContaining("'darknet' needs images");
        assertThatThrownBy(() -> new Residual().create(new Residual.Config(20, 1, Optional.empty()), new Shape(64), 10))
                .hasMessageContaining("'residual' needs images");
        assertThatThrownBy(() -> new Mobile().create(mobile(List.of(8)), new Shape(64), 10))
                .hasMessageContaining("'mobile' needs images");
        assertThatThrownBy(
                        () -> new Conv1dNet().create(new Conv1dNet.Config(List.of(8), 5, 1), new Shape(1, 28, 28), 10))
                .hasMessageContaining("'conv1d' needs sensor windows (channels, time)");
        assertThatThrownBy(() -> new Transformer().create(new Transformer.Config(1, 8, 2, 9), new Shape(1, 8), 10))
                .hasMessageContaining("'transformer' needs token ids (length)");
        assertThatThrownBy(() -> new Mlp().create(new Mlp.Config(List.of(8)), new Shape(), 10))
                .hasMessageContaining("'mlp' needs samples of at least one dimension");
        assertThatThrownBy(() -> new Mlp().create(new Mlp.Config(List.of(8)), new Shape(4), 1))
                .hasMessage("the backbone 'mlp' needs at least 2 classes; there are 1");
    }

    @Test
    void keysOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new ConvNet.Config(List.of(), 1)).hasMessageContaining("channels is []");
        assertThatThrownBy(() -> new ConvNet.Config(List.of(8, 0), 1)).hasMessageContaining("channels is [8, 0]");
        assertThatThrownBy(() -> new ConvNet.Config(List.of(8), Double.NaN)).hasMessageContaining("width is NaN");
        assertThatThrownBy(() -> new Darknet.Config(1, 7)).hasMessageContaining("pools is 7; allowed is 0 to 6");
        assertThatThrownBy(() -> new Residual.Config(21, 1, Optional.empty()))
                .hasMessage("depth is 21; allowed is 6n + 2 with n >= 1, such as 20 or 26");
        assertThatThrownBy(() -> new Conv1dNet.Config(List.of(8), 4, 1)).hasMessageContaining("kernel is 4");
        assertThatThrownBy(() -> new Transformer.Config(1, 30, 4, 10))
                .hasMessage("heads is 4; allowed is a divisor of width, which is 30");
    }

    /** Deterministic samples; small whole numbers where the backbone reads token ids. */
    private static NDArray input(NDManager manager, Backbone backbone, int batch) {
        Shape shape = new Shape(batch).addAll(backbone.inputShape());
        float[] values = new float[Math.toIntExact(shape.size())];
        boolean tokens = backbone.stages().get(0).block().getParameters().keys().stream()
                .anyMatch(key -> key.endsWith("embedding") || key.endsWith("word_embedding"));
        for (int i = 0; i < values.length; i++) {
            values[i] = tokens ? Math.max(0, i * 7 % 110 - 12) : (float) Math.sin(i * 1.7 + i / 31 % 5);
        }
        return manager.create(values, shape);
    }
}
