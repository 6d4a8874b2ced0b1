package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** LayerNorm, then the mean over the tokens: {@code (batch, width + 1, length)} to {@code (batch, width)}. */
final class TokenMean extends AbstractBlock {
    private final int width;
    private final Block norm;

    TokenMean(int width) {
        this.width = width;
        norm = addChildBlock("norm", EncoderLayer.norm());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        TokenActivation activation = TokenActivation.of(inputs.singletonOrThrow(), width);
        NDArray normed = norm.forward(parameterStore, new NDList(activation.features()), training)
                .singletonOrThrow();
        NDArray mean = new TokenActivation(normed, activation.mask()).mean();
        return new NDList(mean.reshape(new Shape(mean.getShape().get(0), width)));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        norm.initialize(manager, dataType, new Shape(inputShapes[0].get(0), inputShapes[0].get(2), width));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), width)};
    }
}
