package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/** A 1-D convolutional network for sensor windows: one stage of convolution, BatchNorm, ReLU and pooling per entry. */
final class Conv1dFactory implements BackboneFactory<Conv1dFactory.Config> {
    record Config(
            @Key(value = "channels of each stage", defaultValue = "[32, 64, 64, 128]", min = 1, max = 4096)
            List<Integer> channels,

            @Key(value = "odd kernel width, in samples", defaultValue = "5", min = 1, max = 255)
            int kernel,

            @Key(value = "multiplies every number of channels", defaultValue = "1.0", min = 0.01, max = 100)
            double width) {
        Config {
            channels = List.copyOf(channels);
            if (channels.isEmpty()) {
                throw new IllegalArgumentException("channels: at least one stage is needed");
            }
            if (kernel % 2 == 0) {
                throw new IllegalArgumentException("kernel: " + kernel + " is not odd");
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
        StagedBackbone.require(inputShape, 2, "conv1d takes windows (channels, time)");
        long time = inputShape.get(1);
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < config.channels().size(); i++) {
            SequentialBlock block = Layers.sequence(
                    Layers.convolution1d(Layers.scaled(config.channels().get(i), config.width()), config.kernel()),
                    Layers.batchNorm(),
                    Layers.relu());
            boolean last = i == config.channels().size() - 1;
            if (last) {
                block.add(Pool.globalAvgPool1dBlock())
                        .add(Blocks.batchFlattenBlock())
                        .add(Layers.linear(classes));
            } else if (time >= 4) {
                block.add(Pool.maxPool1dBlock(new Shape(2), new Shape(2)));
                time /= 2;
            }
            stages.add(new Stage("conv" + (i + 1), block));
        }
        return new StagedBackbone(inputShape, classes, stages);
    }
}
