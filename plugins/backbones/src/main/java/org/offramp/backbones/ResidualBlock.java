package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * The basic residual block: {@code relu(body(x) + shortcut(x))}, {@code (batch, c, h, w)} to the same shape, or to {@code
 * (batch, 2c, ⌈h/2⌉, ⌈w/2⌉)} where it reduces.
 */
final class ResidualBlock extends AbstractBlock {
    private final boolean reduces;
    private final Block body;

    /**
     * A block of two 3x3 convolutions.
     *
     * @param channels the channels it gives
     * @param reduces whether it halves the size; it then receives half the channels
     */
    ResidualBlock(int channels, boolean reduces) {
        this.reduces = reduces;
        body = addChildBlock(
                "body",
                new SequentialBlock()
                        .add(Layers.convolutionRelu(channels, 3, reduces ? 2 : 1, 1))
                        .add(Layers.convolution(channels, 3, 1, 1))
                        .add(Layers.batchNorm()));
    }

    /**
     * Option A (He et al. 2016, section 3.3): every second row and column, and zeros for the new channels, half before and half after. Written with a 1x1
     * pooling and a product with 0 because both have a counterpart in TorchScript for any batch size.
     *
     * @param x {@code (batch, c, h, w)}
     * @return {@code (batch, 2c, ⌈h/2⌉, ⌈w/2⌉)}
     */
    static NDArray subsample(NDArray x) {
        NDArray sampled = Pool.avgPool2d(x, new Shape(1, 1), new Shape(2, 2), new Shape(0, 0), false, true);
        long channels = sampled.getShape().get(1);
        NDArray zeros = sampled.mul(0);
        NDArray before = zeros.get(new NDIndex(":, :" + channels / 2));
        NDArray after = zeros.get(new NDIndex(":, " + channels / 2 + ":"));
        return before.concat(sampled, 1).concat(after, 1);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        NDArray shortcut = reduces ? subsample(x) : x;
        NDArray sum = body.forward(parameterStore, inputs, training)
                .singletonOrThrow()
                .add(shortcut);
        return new NDList(Activation.relu(sum));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        body.initialize(manager, dataType, inputShapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return body.getOutputShapes(inputShapes);
    }
}
