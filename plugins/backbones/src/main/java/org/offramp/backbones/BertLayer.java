package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * One post-norm encoder layer (Devlin et al. 2019, "BERT", section 3, after Vaswani et al. 2017): {@code x = norm(x + attention(x))}, then
 * {@code norm(x + linear(gelu(linear(x))))}. From and to {@code (batch, width + 1, length)}, see {@link TokenActivation}.
 */
final class BertLayer extends AbstractBlock {
    private final int width;
    private final Attention attention;
    private final Block attentionNorm;
    private final Block intermediate;
    private final Block output;
    private final Block outputNorm;

    /**
     * A layer.
     *
     * @param sizes the encoder's sizes
     * @param dict receives its parameters
     * @param number the layer, counted from 0
     */
    BertLayer(BertSizes sizes, StateDict dict, int number) {
        width = sizes.width();
        String prefix = "bert.encoder.layer." + number + ".";
        attention = addChildBlock("attention", new Attention(width, sizes.heads(), true));
        attention.name(dict, prefix + "attention.");
        attentionNorm = addChildBlock("attentionNorm", dict.name(prefix + "attention.output.LayerNorm", norm(sizes)));
        intermediate = addChildBlock(
                "intermediate", dict.name(prefix + "intermediate.dense", Layers.linear(sizes.intermediate())));
        output = addChildBlock("output", dict.name(prefix + "output.dense", Layers.linear(width)));
        outputNorm = addChildBlock("outputNorm", dict.name(prefix + "output.LayerNorm", norm(sizes)));
    }

    /** LayerNorm over the features of a token, for {@code (batch, length, width)}. */
    static Block norm(BertSizes sizes) {
        return LayerNorm.builder().axis(2).optEpsilon(sizes.epsilon()).build();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        TokenActivation activation = TokenActivation.of(inputs.singletonOrThrow(), width);
        NDArray x = activation.features();
        NDArray mixed = attention
                .forward(parameterStore, new NDList(x, activation.mask()), training)
                .singletonOrThrow();
        x = run(attentionNorm, parameterStore, x.add(mixed), training);
        NDArray hidden = Activation.gelu(run(intermediate, parameterStore, x, training));
        x = run(outputNorm, parameterStore, x.add(run(output, parameterStore, hidden, training)), training);
        return new NDList(new TokenActivation(x, activation.mask()).joined());
    }

    private static NDArray run(Block block, ParameterStore parameterStore, NDArray x, boolean training) {
        return block.forward(parameterStore, new NDList(x), training).singletonOrThrow();
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape tokens = new Shape(inputShapes[0].get(0), inputShapes[0].get(2), width);
        attention.initialize(manager, dataType, tokens);
        attentionNorm.initialize(manager, dataType, tokens);
        intermediate.initialize(manager, dataType, tokens);
        output.initialize(manager, dataType, intermediate.getOutputShapes(new Shape[] {tokens}));
        outputNorm.initialize(manager, dataType, tokens);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
