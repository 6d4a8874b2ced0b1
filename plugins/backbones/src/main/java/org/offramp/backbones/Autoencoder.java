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
 * {@code autoencoder}: the encoder of deep embedding clustering (Xie, Girshick and Farhadi 2016, "Unsupervised deep embedding for
 * clustering analysis"): fully connected, 784-500-500-2000-10 by default. One stage per hidden layer (linear, ReLU), one for the
 * embedding (linear), and a last one whose only parameters are K centroids in the embedding, which answers with the clusters. A
 * trainer that makes clusters, such as {@code e2cm-clusters}, brings the decoder.
 */
public final class Autoencoder implements BackboneFactory<Autoencoder.Config> {
    /**
     * The keys of {@code autoencoder}.
     *
     * @param hidden the units of every hidden layer, one stage per entry
     * @param embedding the width of the embedding
     */
    public record Config(
            @Key(value = "units of every hidden layer, one stage per entry", defaultValue = "[500, 500, 2000]", min = 1)
            List<Integer> hidden,

            @Key(value = "the width of the embedding", defaultValue = "10", min = 1, max = 100_000)
            int embedding) {
        /** Checks the numbers. */
        public Config {
            hidden = Widths.require("hidden", hidden);
        }
    }

    @Override
    public String name() {
        return "autoencoder";
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
            stages.add(new Stage("stage-" + (stages.size() + 1), block.add(Layers.linearRelu(units))));
            block = new SequentialBlock();
        }
        stages.add(new Stage("embedding", Layers.linear(config.embedding())));
        stages.add(new Stage("clusters", new Centroids(classes)));
        return Backbone.of(inputShape, classes, stages);
    }
}
