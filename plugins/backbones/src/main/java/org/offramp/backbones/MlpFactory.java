package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/** A multi-layer perceptron on flattened samples: one stage of linear layer and ReLU per entry of {@code hidden}. */
final class MlpFactory implements BackboneFactory<MlpFactory.Config> {
    record Config(
            @Key(value = "units of each hidden layer", defaultValue = "[128, 128]", min = 1, max = 65536)
            List<Integer> hidden) {
        Config {
            hidden = List.copyOf(hidden);
            if (hidden.isEmpty()) {
                throw new IllegalArgumentException("hidden: at least one layer is needed");
            }
        }
    }

    @Override
    public String name() {
        return "mlp";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < config.hidden().size(); i++) {
            SequentialBlock block = Layers.sequence(
                    Blocks.batchFlattenBlock(), Layers.linear(config.hidden().get(i)), Layers.relu());
            if (i == config.hidden().size() - 1) {
                block.add(Layers.linear(classes));
            }
            stages.add(new Stage("layer" + (i + 1), block));
        }
        return new StagedBackbone(inputShape, classes, stages);
    }
}
