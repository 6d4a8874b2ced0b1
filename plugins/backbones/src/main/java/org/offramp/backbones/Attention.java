package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2). Receives features {@code (batch, length, width)}
 * and a mask {@code (batch, 1, length)}, 1 where attention may look; gives {@code (batch, length, width)}.
 */
final class Attention extends AbstractBlock {
    /** Far below any score, so that the softmax gives exactly 0; finite, so that a row of padding alone gives no NaN. */
    private static final float MASKED = 1e9f;

    private final int width;
    private final int heads;
    private final Block query;
    private final Block key;
    private final Block value;
    private final Block output;

    /**
     * Attention.
     *
     * @param width features per token
     * @param heads a divisor of the width
     * @param keyBias whether the keys have a bias, as published weights do; it adds the same to every score of a query, which the
     *     softmax takes away again
     */
    Attention(int width, int heads, boolean keyBias) {
        this.width = width;
        this.heads = heads;
        query = addChildBlock("query", Layers.linear(width));
        key = addChildBlock(
                "key", Linear.builder().setUnits(width).optBias(keyBias).build());
        value = addChildBlock("value", Layers.linear(width));
        output = addChildBlock("output", Layers.linear(width));
    }

    /**
     * Gives the parameters Hugging Face's names.
     *
     * @param dict receives them
     * @param prefix such as {@code bert.encoder.layer.0.attention.}
     */
    void name(StateDict dict, String prefix) {
        dict.name(prefix + "self.query", query);
        dict.name(prefix + "self.key", key);
        dict.name(prefix + "self.value", value);
        dict.name(prefix + "output.dense", output);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDList features = new NDList(inputs.get(0));
        NDArray bias = inputs.get(1).expandDims(1).sub(1f).mul(MASKED);
        NDArray queries = split(query.forward(parameterStore, features, training));
        NDArray keys = split(key.forward(parameterStore, features, training));
        NDArray values = split(value.forward(parameterStore, features, training));
        double scale = 1 / Math.sqrt((double) width / heads);
        NDArray scores = queries.matMul(keys.transpose(0, 1, 3, 2)).mul(scale).add(bias);
        NDArray mixed = scores.softmax(-1).matMul(values).transpose(0, 2, 1, 3);
        return output.forward(
                parameterStore, new NDList(mixed.reshape(inputs.get(0).getShape())), training);
    }

    /** {@code (batch, length, width)} to {@code (batch, heads, length, width / heads)}. */
    private NDArray split(NDList projected) {
        NDArray x = projected.singletonOrThrow();
        Shape shape = x.getShape();
        return x.reshape(new Shape(shape.get(0), shape.get(1), heads, width / heads))
                .transpose(0, 2, 1, 3);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        for (Block child : getChildren().values()) {
            child.initialize(manager, dataType, inputShapes[0]);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
