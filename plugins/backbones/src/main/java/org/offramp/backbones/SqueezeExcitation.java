package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.function.UnaryOperator;

/**
 * Weighs every channel of a map {@code (batch, c, h, w)} by {@code scale(fc2(activation(fc1(mean over h and w))))} (Hu et al. 2018,
 * "Squeeze-and-excitation networks", equations 2 to 4). Both layers are 1x1 convolutions with bias, as in torchvision.
 */
final class SqueezeExcitation extends AbstractBlock {
    private final Block squeeze;
    private final Block excite;
    private final UnaryOperator<NDArray> activation;
    private final UnaryOperator<NDArray> scale;

    /**
     * A block.
     *
     * @param prefix its name in the state dict
     * @param dict receives its parameters
     * @param channels the channels c
     * @param squeezed the channels between the two layers
     * @param activation follows the first layer
     * @param scale follows the second layer
     */
    SqueezeExcitation(
            String prefix,
            StateDict dict,
            int channels,
            int squeezed,
            UnaryOperator<NDArray> activation,
            UnaryOperator<NDArray> scale) {
        this.squeeze = addChildBlock("fc1", dict.name(prefix + ".fc1", Layers.pointwiseWithBias(squeezed)));
        this.excite = addChildBlock("fc2", dict.name(prefix + ".fc2", Layers.pointwiseWithBias(channels)));
        this.activation = activation;
        this.scale = scale;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        NDArray mean = Pool.globalAvgPool2d(x).expandDims(2).expandDims(3);
        NDArray hidden = activation.apply(
                squeeze.forward(parameterStore, new NDList(mean), training).singletonOrThrow());
        NDArray weight = scale.apply(
                excite.forward(parameterStore, new NDList(hidden), training).singletonOrThrow());
        return new NDList(x.mul(weight));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape mean = new Shape(inputShapes[0].get(0), inputShapes[0].get(1), 1, 1);
        squeeze.initialize(manager, dataType, mean);
        excite.initialize(manager, dataType, squeeze.getOutputShapes(new Shape[] {mean}));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
