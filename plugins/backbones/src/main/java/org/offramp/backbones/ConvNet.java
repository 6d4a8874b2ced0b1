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
 * {@code convnet}: a plain convolutional network for images. One stage per entry of {@code channels}: 3x3 convolution,
 * BatchNorm, ReLU, and max pooling by 2 while the shorter side is at least 4; the last stage ends in global average pooling
 * and a linear classifier.
 */
public final class ConvNet implements BackboneFactory<ConvNet.Config> {
    private static final int LEAST_POOLED_SIDE = 4;

    /**
     * The keys of {@code convnet}.
     *
     * @param channels one stage per entry
     * @param width multiplies every entry
     */
    public record Config(
            @Key(value = "channels of every stage", defaultValue = "[16, 32, 64]", min = 1)
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
        return "convnet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        long side = Math.min(inputShape.get(1), inputShape.get(2));
        List<Stage> stages = new ArrayList<>();
        for (int channels : config.channels()) {
            SequentialBlock block =
                    new SequentialBlock().add(Layers.convolutionRelu(Widths.scaled(channels, config.width()), 3, 1, 1));
            if (side >= LEAST_POOLED_SIDE) {
                block.add(Layers.halve());
                side /= 2;
            }
            if (stages.size() == config.channels().size() - 1) {
                block.add(Pool.globalAvgPool2dBlock()).add(Layers.linear(classes));
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
        }
        return Backbone.of(inputShape, classes, stages);
    }
}
