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
import org.offramp.api.PRelu;
import org.offramp.api.Stage;

/**
 * {@code mobile}: separable convolutions as in MobileNetV1 (Howard et al. 2017, section 3.1), sized for small images. One stage
 * per entry of {@code channels}: depthwise 3x3 and pointwise 1x1 convolution, each with BatchNorm and ReLU or PReLU; the depthwise one
 * has stride 2 while the shorter side is at least 4, unless {@code strides} says otherwise. In front of the first stage's pair there is a full 3x3 convolution, as in
 * the paper's table 1; the last stage ends in global average pooling and a linear classifier.
 */
public final class Mobile implements BackboneFactory<Mobile.Config> {
    private static final int LEAST_REDUCED_SIDE = 4;

    /**
     * The keys of {@code mobile}.
     *
     * @param channels one stage per entry
     * @param width multiplies every entry
     * @param strides the stride of every stage; empty for 2 while the shorter side is at least 4, then 1
     * @param first the channels of the first convolution; empty for those of the first stage
     * @param prelu how many slopes a PReLU has; empty for ReLU
     */
    public record Config(
            @Key(value = "channels of every stage", defaultValue = "[32, 64, 128, 256]", min = 1)
            List<Integer> channels,

            @Key(value = "multiplies the channels of every stage", defaultValue = "1.0", min = 0.01, max = 64)
            double width,

            @Key(
                    value =
                            "stride of every stage's depthwise convolution; by default 2 while the shorter side is at least 4, then 1",
                    min = 1,
                    max = 4)
            Optional<List<Integer>> strides,

            @Key(
                    value = "channels of the convolution before the first stage; by default those of the first stage",
                    min = 1)
            Optional<Integer> first,

            @Key(value = "PReLU with a slope per channel or element or one that is shared, in the place of ReLU")
            Optional<PRelu.Slopes> prelu) {
        /** Checks the numbers. */
        public Config {
            channels = Widths.require("channels", channels);
            Widths.requireMultiplier("width", width);
            strides = strides.map(List::copyOf);
            if (strides.isPresent() && strides.get().size() != channels.size()) {
                throw new IllegalArgumentException("strides has "
                        + strides.get().size() + " entries and channels " + channels.size() + "; allowed are as many");
            }
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
        int first = config.first().orElse(config.channels().get(0));
        int received = Widths.scaled(first, config.width());
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = new SequentialBlock().add(convolution(config, received, 3, 1, 1));
        for (int stage = 0; stage < config.channels().size(); stage++) {
            int stride = config.strides().isPresent()
                    ? config.strides().get().get(stage)
                    : side >= LEAST_REDUCED_SIDE ? 2 : 1;
            int given = Widths.scaled(config.channels().get(stage), config.width());
            block.add(convolution(config, received, 3, stride, received)).add(convolution(config, given, 1, 1, 1));
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

    /** Convolution, BatchNorm, and the rectifier that the configuration names. */
    private static SequentialBlock convolution(Config config, int filters, int kernel, int stride, int groups) {
        return new SequentialBlock()
                .add(Layers.convolution(filters, kernel, stride, groups))
                .add(Layers.batchNorm())
                .add(config.prelu().<Block>map(PRelu::new).orElseGet(Activation::reluBlock));
    }
}
