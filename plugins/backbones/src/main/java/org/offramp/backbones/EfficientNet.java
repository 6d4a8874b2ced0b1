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
 * {@code efficientnet}: EfficientNet-B0 (Tan and Le 2019, "EfficientNet: rethinking model scaling", table 1) in torchvision's layout. One
 * stage per inverted residual block; the first one holds the stem too, the last one the last convolution and the classifier. Stochastic depth
 * and dropout of the published training are left out, so that training repeats after a resume.
 */
public final class EfficientNet implements BackboneFactory<EfficientNet.Config> {
    /**
     * The keys of {@code efficientnet}.
     *
     * @param width multiplies the channels, which are then rounded to multiples of 8; 1 is B0
     * @param weights a safetensors file with torchvision's names
     * @param newClassifier whether the classifier is trained anew instead of read
     */
    public record Config(
            @Key(
                    value = "multiplies the channels, which are then rounded to multiples of 8; 1 is B0",
                    defaultValue = "1.0",
                    min = 0.01,
                    max = 64)
            double width,

            @Key("safetensors file of published parameters under torchvision's names, such as features.0.0.weight")
            Optional<String> weights,

            @Key(
                    value = "whether the classifier begins at random although weights are given, for other classes",
                    defaultValue = "false")
            boolean newClassifier) {
        /** Checks the numbers. */
        public Config {
            Widths.requireMultiplier("width", width);
        }
    }

    private record Row(int expansion, int kernel, int stride, int given, int layers) {}

    private static final List<Row> B0 = List.of(
            new Row(1, 3, 1, 16, 1),
            new Row(6, 3, 2, 24, 2),
            new Row(6, 5, 2, 40, 2),
            new Row(6, 3, 2, 80, 3),
            new Row(6, 5, 1, 112, 3),
            new Row(6, 5, 2, 192, 4),
            new Row(6, 3, 1, 320, 1));
    private static final int STEM = 32;
    private static final int LAST_EXPANSION = 4;
    private static final int SQUEEZE = 4;

    @Override
    public String name() {
        return "efficientnet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        StateDict dict = new StateDict();
        int received = Widths.divisible(STEM * config.width());
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = layer(dict, "features.0", received, 3, 2, 1);
        for (int group = 0; group < B0.size(); group++) {
            Row row = B0.get(group);
            int given = Widths.divisible(row.given() * config.width());
            for (int place = 0; place < row.layers(); place++) {
                String prefix = "features." + (group + 1) + "." + place;
                block.add(inverted(dict, prefix + ".block.", row, place == 0 ? row.stride() : 1, received, given));
                received = given;
                if (group == B0.size() - 1 && place == row.layers() - 1) {
                    block.add(layer(dict, "features." + (B0.size() + 1), LAST_EXPANSION * received, 1, 1, 1))
                            .add(Pool.globalAvgPool2dBlock())
                            .add(dict.name("classifier.1", Layers.linear(classes)));
                }
                stages.add(new Stage(prefix, block));
                block = new SequentialBlock();
            }
        }
        return Torchvision.backbone(
                inputShape, classes, stages, dict, config.weights(), "classifier.1.", config.newClassifier());
    }

    private static Block inverted(StateDict dict, String prefix, Row row, int stride, int received, int given) {
        int expanded = Widths.divisible(received * row.expansion());
        SequentialBlock body = new SequentialBlock();
        int number = 0;
        if (expanded != received) {
            body.add(layer(dict, prefix + number++, expanded, 1, 1, 1));
        }
        body.add(layer(dict, prefix + number++, expanded, row.kernel(), stride, expanded))
                .add(new SqueezeExcitation(
                        prefix + number++,
                        dict,
                        expanded,
                        Math.max(1, received / SQUEEZE),
                        x -> x.mul(Activation.sigmoid(x)),
                        Activation::sigmoid))
                .add(dict.name(prefix + number + ".0", Layers.convolution(given, 1, 1, 1)))
                .add(dict.name(prefix + number + ".1", Layers.batchNorm()));
        return stride == 1 && given == received ? new Sum(body, Optional.empty()) : body;
    }

    private static SequentialBlock layer(
            StateDict dict, String prefix, int filters, int kernel, int stride, int groups) {
        return new SequentialBlock()
                .add(dict.name(prefix + ".0", Layers.convolution(filters, kernel, stride, groups)))
                .add(dict.name(prefix + ".1", Layers.batchNorm()))
                .add(Gates.silu());
    }
}
