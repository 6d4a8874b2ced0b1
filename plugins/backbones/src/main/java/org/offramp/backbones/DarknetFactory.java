package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * The Darknet reference model (Redmon 2015, {@code darknet.cfg}): 3×3 convolutions of 16 to 1,024 channels with BatchNorm and leaky
 * ReLU 0.1, a max pool after each of the first six, a 1×1 convolution to the classes and global average pooling.
 */
final class DarknetFactory implements BackboneFactory<DarknetFactory.Config> {
    private static final int[] CHANNELS = {16, 32, 64, 128, 256, 512, 1024};

    record Config(
            @Key(value = "multiplies every number of channels", defaultValue = "1.0", min = 0.01, max = 100)
            double width,

            @Key(value = "the most poolings; fewer are made where the map would vanish", defaultValue = "6", max = 6)
            int pools) {
        Config {
            if (pools < 0) {
                throw new IllegalArgumentException("pools: " + pools + " is below 0");
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
        StagedBackbone.require(inputShape, 3, "darknet takes images (channels, height, width)");
        long side = Math.min(inputShape.get(1), inputShape.get(2));
        int pools = 0;
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < CHANNELS.length; i++) {
            SequentialBlock block = Layers.sequence(
                    Layers.convolution(Layers.scaled(CHANNELS[i], config.width()), 3, 1),
                    Layers.batchNorm(),
                    Activation.leakyReluBlock(0.1f));
            if (i == CHANNELS.length - 1) {
                block.add(Layers.convolutionWithBias(classes))
                        .add(Pool.globalAvgPool2dBlock())
                        .add(Blocks.batchFlattenBlock());
            } else if (pools < config.pools() && side >= 2) {
                block.add(Layers.halve());
                side /= 2;
                pools++;
            }
            stages.add(new Stage("conv" + (i + 1), block));
        }
        return new StagedBackbone(inputShape, classes, stages);
    }
}
