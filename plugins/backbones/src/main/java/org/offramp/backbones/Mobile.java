package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code mobile}: separable convolutions as in MobileNetV1 (Howard et al. 2017, section 3.1), sized for small images. One stage
 * per entry of {@code channels}: depthwise 3x3 and pointwise 1x1 convolution, each with BatchNorm and ReLU; the depthwise one
 * has stride 2 while the shorter side is at least 4. In front of the first stage's pair there is a full 3x3 convolution, as in
 * the paper's table 1; the last stage ends in global average pooling and a linear classifier.
 */
public final class Mobile implements BackboneFactory<Mobile.Config> {
    private static final int LEAST_REDUCED_SIDE = 4;

    /**
     * The keys of {@code mobile}.
     *
     * @param channels one stage per entry
     * @param width multiplies every entry
     */
    public record Config(
            @Key(value = "channels of every stage", defaultValue = "[32, 64, 128, 256]", min = 1)
            List<Integer> channels,

            @Key(value = "multiplies the channels of every stage", defaultValue = "1.0", min = 0.01, max = 64)
            double width) {
        /** Checks the numbers. */
        public Config {
            channels = Widths.require("channels", channels);
            Widths.requireMultiplier("width", width);
        }
    }

    @Override
    public String name() {
        return "mobile";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        long side = Math.min(inputShape.get(1), inputShape.get(2));
        int received = Widths.scaled(config.channels().get(0), config.width());
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = new SequentialBlock().add(Layers.convolutionRelu(received, 3, 1, 1));
        for (int channels : config.channels()) {
            int stride = side >= LEAST_REDUCED_SIDE ? 2 : 1;
            int given = Widths.scaled(channels, config.width());
            block.add(Layers.convolutionRelu(received, 3, stride, received))
                    .add(Layers.convolutionRelu(given, 1, 1, 1));
            side = (side + stride - 1) / stride;
            received = given;
            if (stages.size() == config.channels().size() - 1) {
                block.add(Pool.globalAvgPool2dBlock()).add(Layers.linear(classes));
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
            block = new SequentialBlock();
        }
        return Backbone.of(inputShape, classes, stages);
    }
}
