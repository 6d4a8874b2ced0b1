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
 * {@code transformer}: a pre-norm transformer encoder (Vaswani et al. 2017; Xiong et al. 2020, "On layer normalization in the
 * transformer architecture", figure 1b) for token ids {@code (length)}, given as numbers; id 0 is padding. One stage per layer;
 * the first one begins with embeddings and learned positions, the last one ends in LayerNorm, the mean over the tokens and a
 * linear classifier.
 *
 * <p>The activation between stages is one array {@code (batch, width + 1, length)}, see {@link TokenActivation}.
 */
public final class Transformer implements BackboneFactory<Transformer.Config> {
    /**
     * The keys of {@code transformer}.
     *
     * @param layers one stage each
     * @param width features per token
     * @param heads attention heads; a divisor of {@code width}
     * @param vocabulary the number of token ids, padding included
     */
    public record Config(
            @Key(value = "encoder layers, one stage each", defaultValue = "4", min = 1, max = 96)
            int layers,

            @Key(value = "features per token", defaultValue = "64", min = 1, max = 8192)
            int width,

            @Key(value = "attention heads, a divisor of width", defaultValue = "4", min = 1, max = 128)
            int heads,

            @Key(
                    value = "number of token ids, padding (0) included; greater ids are read as the last one",
                    defaultValue = "10000",
                    min = 2,
                    max = 10_000_000)
            int vocabulary) {
        /** Checks the numbers. */
        public Config {
            if (layers < 1 || width < 1 || heads < 1 || vocabulary < 2) {
                throw new IllegalArgumentException("layers " + layers + ", width " + width + ", heads " + heads
                        + ", vocabulary " + vocabulary + ": allowed are numbers >= 1, and vocabulary >= 2");
            }
            if (width % heads != 0) {
                throw new IllegalArgumentException(
                        "heads is " + heads + "; allowed is a divisor of width, which is " + width);
            }
        }
    }

    @Override
    public String name() {
        return "transformer";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireTokens(name(), inputShape, classes);
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = new SequentialBlock().add(new TokenEmbedding(config.vocabulary(), config.width()));
        for (int layer = 1; layer <= config.layers(); layer++) {
            block.add(new EncoderLayer(config.width(), config.heads()));
            if (layer == config.layers()) {
                block.add(new TokenMean(config.width())).add(Layers.linear(classes));
            }
            stages.add(new Stage("stage-" + layer, block));
            block = new SequentialBlock();
        }
        return Backbone.of(inputShape, classes, stages);
    }
}
