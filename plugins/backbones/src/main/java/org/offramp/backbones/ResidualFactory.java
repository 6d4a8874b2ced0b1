package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * The residual network for small images of depth 6n + 2 (He et al. 2016, §4.2): three groups of n blocks with 16, 32 and 64
 * channels and shortcuts without parameters (option A). The first stage is the stem and the first block, then one stage a block.
 */
final class ResidualFactory implements BackboneFactory<ResidualFactory.Config> {
    record Config(
            @Key(
                    value = "weight layers, 6n + 2: 8, 14, 20, 32, 44, 56, 110, …",
                    defaultValue = "20",
                    min = 8,
                    max = 1202)
            int depth,

            @Key(value = "multiplies every number of channels", defaultValue = "1.0", min = 0.01, max = 100)
            double width) {
        Config {
            if (depth < 8 || (depth - 2) % 6 != 0) {
                throw new IllegalArgumentException(
                        "depth: " + depth + " is not 6n + 2; allowed are 8, 14, 20, 26, 32, …");
            }
        }
    }

    @Override
    public String name() {
        return "residual";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        StagedBackbone.require(inputShape, 3, "residual takes images (channels, height, width)");
        int blocks = (config.depth() - 2) / 6;
        int channels = Layers.scaled(16, config.width());
        List<Stage> stages = new ArrayList<>();
        SequentialBlock open = Layers.sequence(Layers.convolution(channels, 3, 1), Layers.batchNorm(), Layers.relu());
        for (int group = 0; group < 3; group++) {
            int wider = Layers.scaled(16 << group, config.width());
            for (int block = 0; block < blocks; block++) {
                boolean halves = group > 0 && block == 0;
                open.add(new ResidualBlock(channels, wider, halves ? 2 : 1));
                channels = wider;
                if (group == 2 && block == blocks - 1) {
                    open.add(Layers.classifier(classes));
                }
                stages.add(new Stage("group" + (group + 1) + "-block" + (block + 1), open));
                open = new SequentialBlock();
            }
        }
        return new StagedBackbone(inputShape, classes, stages);
    }
}
