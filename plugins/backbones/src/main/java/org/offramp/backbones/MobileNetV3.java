package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code mobilenet-v3}: inverted residual blocks with squeeze-excitation (Howard et al. 2019, "Searching for MobileNetV3", tables 1 and
 * 2) in torchvision's layout. One stage per block; the first one holds the stem too, the last one the last convolution and the classifier.
 * The dropout of the published training is left out, so that training repeats after a resume.
 */
public final class MobileNetV3 implements BackboneFactory<MobileNetV3.Config> {
    /** The published sizes. */
    public enum Size {
        /** Table 1. */
        LARGE,
        /** Table 2. */
        SMALL
    }

    /**
     * The keys of {@code mobilenet-v3}.
     *
     * @param size small or large
     * @param width multiplies the channels, which are then rounded to multiples of 8
     * @param weights a safetensors file with torchvision's names
     * @param newClassifier whether the last layer is trained anew instead of read
     */
    public record Config(
            @Key(value = "small or large", defaultValue = "small")
            Size size,

            @Key(
                    value = "multiplies the channels, which are then rounded to multiples of 8",
                    defaultValue = "1.0",
                    min = 0.01,
                    max = 64)
            double width,

            @Key("safetensors file of published parameters under torchvision's names, such as features.0.0.weight")
            Optional<String> weights,

            @Key(
                    value = "whether classifier.3 begins at random although weights are given, for other classes",
                    defaultValue = "false")
            boolean newClassifier) {
        /** Checks the numbers. */
        public Config {
            Widths.requireMultiplier("width", width);
        }
    }

    private record Row(int kernel, int expanded, int given, boolean weighs, boolean hardSwish, int stride) {}

    private static final List<Row> LARGE = List.of(
            new Row(3, 16, 16, false, false, 1),
            new Row(3, 64, 24, false, false, 2),
            new Row(3, 72, 24, false, false, 1),
            new Row(5, 72, 40, true, false, 2),
            new Row(5, 120, 40, true, false, 1),
            new Row(5, 120, 40, true, false, 1),
            new Row(3, 240, 80, false, true, 2),
            new Row(3, 200, 80, false, true, 1),
            new Row(3, 184, 80, false, true, 1),
            new Row(3, 184, 80, false, true, 1),
            new Row(3, 480, 112, true, true, 1),
            new Row(3, 672, 112, true, true, 1),
            new Row(5, 672, 160, true, true, 2),
            new Row(5, 960, 160, true, true, 1),
            new Row(5, 960, 160, true, true, 1));
    private static final List<Row> SMALL = List.of(
            new Row(3, 16, 16, true, false, 2),
            new Row(3, 72, 24, false, false, 2),
            new Row(3, 88, 24, false, false, 1),
            new Row(5, 96, 40, true, true, 2),
            new Row(5, 240, 40, true, true, 1),
            new Row(5, 240, 40, true, true, 1),
            new Row(5, 120, 48, true, true, 1),
            new Row(5, 144, 48, true, true, 1),
            new Row(5, 288, 96, true, true, 2),
            new Row(5, 576, 96, true, true, 1),
            new Row(5, 576, 96, true, true, 1));
    private static final int STEM = 16;
    private static final int LAST_EXPANSION = 6;
    private static final int SQUEEZE = 4;
    private static final float EPSILON = 1e-3f;
    private static final float KEPT = 0.99f;

    @Override
    public String name() {
        return "mobilenet-v3";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        StateDict dict = new StateDict();
        List<Row> rows = config.size() == Size.LARGE ? LARGE : SMALL;
        int received = Widths.divisible(STEM * config.width());
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = layer(dict, "features.0", received, 3, 2, 1, Gates.hardSwish());
        for (Row row : rows) {
            String prefix = "features." + (stages.size() + 1);
            block.add(inverted(dict, prefix, row, received, config.width()));
            received = Widths.divisible(row.given() * config.width());
            if (stages.size() == rows.size() - 1) {
                int last = LAST_EXPANSION * received;
                int hidden = Widths.divisible((config.size() == Size.LARGE ? 1280 : 1024) * config.width());
                block.add(layer(dict, "features." + (rows.size() + 1), last, 1, 1, 1, Gates.hardSwish()))
                        .add(Pool.globalAvgPool2dBlock())
                        .add(dict.name("classifier.0", Layers.linear(hidden)))
                        .add(Gates.hardSwish())
                        .add(dict.name("classifier.3", Layers.linear(classes)));
            }
            stages.add(new Stage(prefix, block));
            block = new SequentialBlock();
        }
        return Torchvision.backbone(
                inputShape, classes, stages, dict, config.weights(), "classifier.3.", config.newClassifier());
    }

    private static Block inverted(StateDict dict, String prefix, Row row, int received, double width) {
        int expanded = Widths.divisible(row.expanded() * width);
        int given = Widths.divisible(row.given() * width);
        SequentialBlock body = new SequentialBlock();
        int number = 0;
        if (expanded != received) {
            body.add(layer(dict, prefix + ".block." + number++, expanded, 1, 1, 1, activation(row)));
        }
        body.add(layer(
                dict, prefix + ".block." + number++, expanded, row.kernel(), row.stride(), expanded, activation(row)));
        if (row.weighs()) {
            int squeezed = expanded / SQUEEZE;
            body.add(new SqueezeExcitation(
                    prefix + ".block." + number++,
                    dict,
                    expanded,
                    Widths.divisible(squeezed),
                    Activation::relu,
                    Gates::hardSigmoid));
        }
        body.add(dict.name(prefix + ".block." + number + ".0", Layers.convolution(given, 1, 1, 1)))
                .add(dict.name(prefix + ".block." + number + ".1", Layers.batchNorm(EPSILON, KEPT)));
        return row.stride() == 1 && given == received ? new Sum(body, Optional.empty()) : body;
    }

    private static Block activation(Row row) {
        return row.hardSwish() ? Gates.hardSwish() : Activation.reluBlock();
    }

    private static SequentialBlock layer(
            StateDict dict, String prefix, int filters, int kernel, int stride, int groups, Block activation) {
        return new SequentialBlock()
                .add(dict.name(prefix + ".0", Layers.convolution(filters, kernel, stride, groups)))
                .add(dict.name(prefix + ".1", Layers.batchNorm(EPSILON, KEPT)))
                .add(activation);
    }
}
