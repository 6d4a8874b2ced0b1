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
 * {@code conv1d}: a 1-D convolutional network for sensor windows {@code (channels, time)}. One stage per entry of {@code
 * channels}: convolution over time, BatchNorm, ReLU, and max pooling by 2 while at least 4 steps are left; the last stage ends
 * in global average pooling and a linear classifier.
 */
public final class Conv1dNet implements BackboneFactory<Conv1dNet.Config> {
    private static final int LEAST_POOLED_LENGTH = 4;

    /**
     * The keys of {@code conv1d}.
     *
     * @param channels one stage per entry
     * @param kernel the length of the filters in time steps, odd
     * @param width multiplies every entry of {@code channels}
     */
    public record Config(
            @Key(value = "channels of every stage", defaultValue = "[32, 64, 64, 128]", min = 1)
            List<Integer> channels,

            @Key(value = "length of the filters in time steps, odd", defaultValue = "5", min = 1, max = 255)
            int kernel,

            @Key(value = "multiplies the channels of every stage", defaultValue = "1.0", min = 0.01, max = 64)
            double width) {
        /** Checks the numbers. */
        public Config {
            channels = Widths.require("channels", channels);
            Widths.requireMultiplier("width", width);
            if (kernel < 1 || kernel % 2 == 0) {
                throw new IllegalArgumentException("kernel is " + kernel + "; allowed is an odd number >= 1");
            }
        }
    }

    @Override
    public String name() {
        return "conv1d";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireWindow(name(), inputShape, classes);
        long length = inputShape.get(1);
        List<Stage> stages = new ArrayList<>();
        for (int channels : config.channels()) {
            int filters = Widths.scaled(channels, config.width());
            SequentialBlock block = new SequentialBlock().add(Layers.convolution1dRelu(filters, config.kernel()));
            if (length >= LEAST_POOLED_LENGTH) {
                block.add(Layers.halve1d());
                length /= 2;
            }
            if (stages.size() == config.channels().size() - 1) {
                block.add(Pool.globalAvgPool1dBlock()).add(Layers.linear(classes));
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
        }
        return Backbone.of(inputShape, classes, stages);
    }
}
