package org.offramp.quicknet;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.XavierInitializer;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.PRelu;
import org.offramp.api.Stage;

/**
 * {@code quicknet}: Darknet-19 with every 3 × 3 convolution made depthwise-separable, BatchNorm and PReLU (Ghosh 2017, as far as its
 * abstract and its parameter count tell). A stage ends at each pooling; the last one ends in the classifier.
 */
public final class QuickNetBackbone implements BackboneFactory<QuickNetBackbone.Config> {
    /** The filters of each stage; an odd place is a 3 × 3 layer, an even one a 1 × 1 layer. */
    private static final List<List<Integer>> FILTERS = List.of(
            List.of(32),
            List.of(64),
            List.of(128, 64, 128),
            List.of(256, 128, 256),
            List.of(512, 256, 512, 256, 512),
            List.of(1024, 512, 1024, 512, 1024));

    /** The first 3 × 3 layer. */
    public enum FirstLayer {
        /** Depthwise-separable, as the others. */
        SEPARABLE,
        /** A full convolution. */
        FULL
    }

    /**
     * The keys of {@code quicknet}.
     *
     * @param width multiplies the filters
     * @param pools how many of the five poolings there are, from the first on
     * @param prelu how many slopes a PReLU has; the paper counts one for each position
     * @param firstLayer the first 3 × 3 layer
     * @param dropout before the classifier
     */
    public record Config(
            @Key(value = "multiplies the filters of every layer", defaultValue = "1.0", min = 0.01, max = 64)
            double width,

            @Key(
                    value = "how many of the five max poolings there are, from the first on",
                    defaultValue = "5",
                    min = 3,
                    max = 5)
            int pools,

            @Key(value = "slopes of a PReLU: channel, element or shared", defaultValue = "channel")
            PRelu.Slopes prelu,

            @Key(value = "the first 3 x 3 layer: separable or full", defaultValue = "separable")
            FirstLayer firstLayer,

            @Key(value = "dropout before the classifier", defaultValue = "0.5", min = 0, max = 0.99)
            double dropout) {
        /** Checks the numbers. */
        public Config {
            if (!(width > 0) || pools < 3 || pools > 5 || dropout < 0 || dropout >= 1) {
                throw new IllegalArgumentException("width is " + width + ", pools " + pools + ", dropout " + dropout
                        + "; allowed are width > 0, pools 3 to 5, dropout 0 to below 1");
            }
        }
    }

    @Override
    public String name() {
        return "quicknet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        if (inputShape.dimension() != 3 || inputShape.size() < 1) {
            throw new IllegalArgumentException(
                    "the backbone 'quicknet' needs images (channels, height, width); the samples have the shape "
                            + inputShape);
        }
        if (classes < 2) {
            throw new IllegalArgumentException(
                    "the backbone 'quicknet' needs at least 2 classes; there are " + classes);
        }
        List<Stage> stages = new ArrayList<>();
        long side = Math.min(inputShape.get(1), inputShape.get(2));
        int channels = (int) inputShape.get(0);
        for (List<Integer> layers : FILTERS) {
            SequentialBlock block = new SequentialBlock();
            for (int i = 0; i < layers.size(); i++) {
                int filters = Math.max(1, (int) Math.round(layers.get(i) * config.width()));
                boolean full = stages.isEmpty() && config.firstLayer() == FirstLayer.FULL;
                add(block, channels, filters, i % 2 == 0, full, config.prelu());
                channels = filters;
            }
            boolean last = stages.size() == FILTERS.size() - 1;
            if (!last && stages.size() < config.pools() && side >= 2) {
                block.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
                side /= 2;
            }
            if (last) {
                block.add(Dropout.builder().optRate((float) config.dropout()).build())
                        .add(convolution(classes, 1, 1, true))
                        .add(Pool.globalAvgPool2dBlock());
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
        }
        return Backbone.of(inputShape, classes, stages);
    }

    /** 3 × 3 depthwise and 1 × 1 pointwise, or 1 × 1 alone; then BatchNorm and PReLU. */
    private static void add(
            SequentialBlock block, int channels, int filters, boolean three, boolean full, PRelu.Slopes slopes) {
        if (three && full) {
            block.add(convolution(filters, 3, 1, false));
        } else {
            if (three) {
                block.add(convolution(channels, 3, channels, false));
            }
            block.add(convolution(filters, 1, 1, false));
        }
        block.add(BatchNorm.builder().build()).add(new PRelu(slopes));
    }

    private static Conv2d convolution(int filters, int kernel, int groups, boolean bias) {
        Conv2d convolution = Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .setFilters(filters)
                .optPadding(new Shape(kernel / 2, kernel / 2))
                .optGroups(groups)
                .optBias(bias)
                .build();
        convolution.setInitializer(
                new XavierInitializer(XavierInitializer.RandomType.GAUSSIAN, XavierInitializer.FactorType.IN, 2),
                Parameter.Type.WEIGHT);
        return convolution;
    }
}
