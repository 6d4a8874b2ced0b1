package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * One pre-norm encoder layer: {@code x + attention(norm(x))}, then {@code x + feedForward(norm(x))}, with a hidden width of
 * four times the width and GELU. From and to {@code (batch, width + 1, length)}, see {@link TokenActivation}.
 */
final class EncoderLayer extends AbstractBlock {
    private static final int EXPANSION = 4;

    private final int width;
    private final Block attentionNorm;
    private final Attention attention;
    private final Block feedForward;

    EncoderLayer(int width, int heads) {
        this.width = width;
        attentionNorm = addChildBlock("norm", norm());
        attention = addChildBlock("attention", new Attention(width, heads, false));
        feedForward = addChildBlock(
                "feedForward",
                new SequentialBlock()
                        .add(norm())
                        .add(Layers.linear(EXPANSION * width))
                        .add(Activation.geluBlock())
                        .add(Layers.linear(width)));
    }

    /** LayerNorm over the features of a token, for {@code (batch, length, width)}. */
    static Block norm() {
        return LayerNorm.builder().axis(2).build();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        TokenActivation activation = TokenActivation.of(inputs.singletonOrThrow(), width);
        NDArray x = activation.features();
        NDArray normed =
                attentionNorm.forward(parameterStore, new NDList(x), training).singletonOrThrow();
        x = x.add(attention
                .forward(parameterStore, new NDList(normed, activation.mask()), training)
                .singletonOrThrow());
        x = x.add(feedForward.forward(parameterStore, new NDList(x), training).singletonOrThrow());
        return new NDList(new TokenActivation(x, activation.mask()).joined());
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape tokens = new Shape(inputShapes[0].get(0), inputShapes[0].get(2), width);
        attentionNorm.initialize(manager, dataType, tokens);
        attention.initialize(manager, dataType, tokens);
        feedForward.initialize(manager, dataType, tokens);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
