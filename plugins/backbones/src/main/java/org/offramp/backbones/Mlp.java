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

/**
 * {@code mlp}: a multi-layer perceptron for samples of any shape, which are flattened. One stage per entry of {@code hidden}:
 * linear, ReLU; the last stage ends in the linear classifier.
 */
public final class Mlp implements BackboneFactory<Mlp.Config> {
    /**
     * The keys of {@code mlp}.
     *
     * @param hidden the units of every hidden layer, one stage per entry
     */
    public record Config(
            @Key(value = "units of every hidden layer, one stage per entry", defaultValue = "[128, 128]", min = 1)
            List<Integer> hidden) {
        /** Checks the numbers. */
        public Config {
            hidden = Widths.require("hidden", hidden);
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
        Inputs.requireAny(name(), inputShape, classes);
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = new SequentialBlock().add(Blocks.batchFlattenBlock());
        for (int units : config.hidden()) {
            block.add(Layers.linearRelu(units));
            if (stages.size() == config.hidden().size() - 1) {
                block.add(Layers.linear(classes));
            }
            stages.add(new Stage("stage-" + (stages.size() + 1), block));
            block = new SequentialBlock();
        }
        return Backbone.of(inputShape, classes, stages);
    }
}
