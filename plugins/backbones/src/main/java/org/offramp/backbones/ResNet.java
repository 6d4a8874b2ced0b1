package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code resnet}: the residual network for large images (He et al. 2016, "Deep residual learning for image recognition", table 1) in
 * torchvision's layout: ResNet-18 and -34 of basic blocks, ResNet-50 of bottlenecks with the stride in the 3x3 convolution. One stage per
 * block; the first one holds the stem too and the last one the classifier. For images of 32x32 {@code residual} is the right plan.
 */
public final class ResNet implements BackboneFactory<ResNet.Config> {
    private static final Map<Integer, List<Integer>> BLOCKS =
            Map.of(18, List.of(2, 2, 2, 2), 34, List.of(3, 4, 6, 3), 50, List.of(3, 4, 6, 3));
    private static final int BASE_CHANNELS = 64;
    private static final int EXPANSION = 4;

    /**
     * The keys of {@code resnet}.
     *
     * @param depth 18, 34 or 50
     * @param width multiplies the channels
     * @param weights a safetensors file with torchvision's names
     * @param newClassifier whether the classifier is trained anew instead of read
     */
    public record Config(
            @Key(value = "layers with weights: 18, 34 or 50", defaultValue = "18", min = 18, max = 50)
            int depth,

            @Key(value = "multiplies the channels of every group", defaultValue = "1.0", min = 0.01, max = 64)
            double width,

            @Key("safetensors file of published parameters under torchvision's names, such as layer1.0.conv1.weight")
            Optional<String> weights,

            @Key(
                    value =
                            "whether fc begins at random although weights are given, for other classes than the published ones",
                    defaultValue = "false")
            boolean newClassifier) {
        /** Checks the numbers. */
        public Config {
            Widths.requireMultiplier("width", width);
            if (!BLOCKS.containsKey(depth)) {
                throw new IllegalArgumentException("depth is " + depth + "; allowed are 18, 34 and 50");
            }
        }
    }

    @Override
    public String name() {
        return "resnet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        StateDict dict = new StateDict();
        int base = Widths.scaled(BASE_CHANNELS, config.width());
        SequentialBlock block = new SequentialBlock()
                .add(dict.name("conv1", Layers.convolution(base, 7, 2, 1)))
                .add(dict.name("bn1", Layers.batchNorm()))
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
        List<Stage> stages = new ArrayList<>();
        List<Integer> groups = groups(config);
        int received = base;
        for (int group = 0; group < groups.size(); group++) {
            int channels = base << group;
            for (int place = 0; place < groups.get(group); place++) {
                int stride = group > 0 && place == 0 ? 2 : 1;
                String prefix = "layer" + (group + 1) + "." + place;
                int given = config.depth() == 50 ? EXPANSION * channels : channels;
                Block body = config.depth() == 50
                        ? bottleneck(dict, prefix, channels, stride)
                        : basic(dict, prefix, channels, stride);
                Optional<Block> shortcut = stride == 1 && given == received
                        ? Optional.empty()
                        : Optional.of(downsample(dict, prefix, given, stride));
                block.add(new Sum(body, shortcut)).add(Activation.reluBlock());
                received = given;
                if (group == groups.size() - 1 && place == groups.get(group) - 1) {
                    block.add(Pool.globalAvgPool2dBlock()).add(dict.name("fc", Layers.linear(classes)));
                }
                stages.add(new Stage(prefix, block));
                block = new SequentialBlock();
            }
        }
        return Torchvision.backbone(inputShape, classes, stages, dict, config.weights(), "fc.", config.newClassifier());
    }

    private static List<Integer> groups(Config config) {
        return BLOCKS.getOrDefault(config.depth(), List.of());
    }

    private static Block basic(StateDict dict, String prefix, int channels, int stride) {
        return new SequentialBlock()
                .add(dict.name(prefix + ".conv1", Layers.convolution(channels, 3, stride, 1)))
                .add(dict.name(prefix + ".bn1", Layers.batchNorm()))
                .add(Activation.reluBlock())
                .add(dict.name(prefix + ".conv2", Layers.convolution(channels, 3, 1, 1)))
                .add(dict.name(prefix + ".bn2", Layers.batchNorm()));
    }

    private static Block bottleneck(StateDict dict, String prefix, int channels, int stride) {
        return new SequentialBlock()
                .add(dict.name(prefix + ".conv1", Layers.convolution(channels, 1, 1, 1)))
                .add(dict.name(prefix + ".bn1", Layers.batchNorm()))
                .add(Activation.reluBlock())
                .add(dict.name(prefix + ".conv2", Layers.convolution(channels, 3, stride, 1)))
                .add(dict.name(prefix + ".bn2", Layers.batchNorm()))
                .add(Activation.reluBlock())
                .add(dict.name(prefix + ".conv3", Layers.convolution(EXPANSION * channels, 1, 1, 1)))
                .add(dict.name(prefix + ".bn3", Layers.batchNorm()));
    }

    private static Block downsample(StateDict dict, String prefix, int channels, int stride) {
        return new SequentialBlock()
                .add(dict.name(prefix + ".downsample.0", Layers.convolution(channels, 1, stride, 1)))
                .add(dict.name(prefix + ".downsample.1", Layers.batchNorm()));
    }
}
