package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/** A plain convolutional network: one stage of 3×3 convolution, BatchNorm, ReLU and pooling per entry of {@code channels}. */
final class ConvNetFactory implements BackboneFactory<ConvNetFactory.Config> {
    record Config(
            @Key(value = "channels of each stage", defaultValue = "[16, 32, 64]", min = 1, max = 4096)
            List<Integer> channels,

            @Key(value = "multiplies every number of channels", defaultValue = "1.0", min = 0.01, max = 100)
            double width) {
        Config {
            channels = List.copyOf(channels);
            if (channels.isEmpty()) {
                throw new IllegalArgumentException("channels: at least one stage is needed");
            }
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
        StagedBackbone.require(inputShape, 3, "convnet takes images (channels, height, width)");
        long side = Math.min(inputShape.get(1), inputShape.get(2));
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < config.channels().size(); i++) {
            SequentialBlock block = Layers.sequence(
                    Layers.convolution(Layers.scaled(config.channels().get(i), config.width()), 3, 1),
                    Layers.batchNorm(),
                    Layers.relu());
            boolean last = i == config.channels().size() - 1;
            if (last) {
                block.add(Layers.classifier(classes));
            } else if (side >= 4) {
                block.add(Layers.halve());
                side /= 2;
            }
            stages.add(new Stage("conv" + (i + 1), block));
        }
        return new StagedBackbone(inputShape, classes, stages);
    }
}
