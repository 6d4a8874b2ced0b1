package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code darknet}: the Darknet reference network (Redmon 2015, {@code cfg/darknet.cfg}): 3x3 convolutions of 16, 32, 64, 128,
 * 256, 512 and 1024 filters with BatchNorm and leaky ReLU, max pooling by 2 after the first six, a 1x1 convolution to the
 * classes, global average pooling. One stage per 3x3 convolution with its pooling, seven in all; the last one ends in the
 * classifier. A pooling is left out where the map would fall below 1x1, so that small images are taken.
 */
public final class Darknet implements BackboneFactory<Darknet.Config> {
    private static final List<Integer> FILTERS = List.of(16, 32, 64, 128, 256, 512, 1024);

    /**
     * The keys of {@code darknet}.
     *
     * @param width multiplies the filters
     * @param pools how many of the six poolings there are, from the first on
     */
    public record Config(
            @Key(value = "multiplies the filters of every convolution", defaultValue = "1.0", min = 0.01, max = 64)
            double width,

            @Key(
                    value = "how many of the six max poolings there are, from the first on",
                    defaultValue = "6",
                    min = 0,
                    max = 6)
            int pools) {
        /** Checks the numbers. */
        public Config {
            Widths.requireMultiplier("width", width);
            if (pools < 0 || pools > FILTERS.size() - 1) {
                throw new IllegalArgumentException("pools is " + pools + "; allowed is 0 to " + (FILTERS.size() - 1));
            }
        }
    }

    @Override
    public String name() {
        return "darknet";
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
        for (int filters : FILTERS) {
            SequentialBlock block =
                    new SequentialBlock().add(Layers.convolutionLeaky(Widths.scaled(filters, config.width())));
            if (stages.size() < config.pools() && side >= 2) {
                block.add(Layers.halve());
                side /= 2;
            }
            if (stages.size() == FILTERS.size() - 1) {
                block.add(classifier(classes)).add(Pool.globalAvgPool2dBlock());
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
        }
        return Backbone.of(inputShape, classes, stages);
    }

    private static Conv2d classifier(int classes) {
        return Conv2d.builder()
                .setKernelShape(new Shape(1, 1))
                .setFilters(classes)
                .build();
    }
}
