package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * Two 3×3 convolutions with a shortcut around them (He et al. 2016). Where the shape changes, the shortcut takes every second row
 * and column and fills the new channels with zeros, half before and half after (option A): it has no parameters.
 */
final class ResidualBlock extends AbstractBlock {
    private static final byte VERSION = 1;

    private final Block branch;
    private final int added;
    private final int stride;

    ResidualBlock(int channelsIn, int channelsOut, int stride) {
        super(VERSION);
        this.branch = addChildBlock(
                "branch",
                Layers.sequence(
                        Layers.convolution(channelsOut, 3, stride),
                        Layers.batchNorm(),
                        Layers.relu(),
                        Layers.convolution(channelsOut, 3, 1),
                        Layers.batchNorm()));
        this.added = channelsOut - channelsIn;
        this.stride = stride;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        NDArray input = inputs.singletonOrThrow();
        NDArray output = branch.forward(store, inputs, training).singletonOrThrow();
        return new NDList(output.add(shortcut(input)).getNDArrayInternal().relu());
    }

    private NDArray shortcut(NDArray input) {
        NDArray kept = stride == 1 ? input : input.get(new NDIndex(":, :, ::2, ::2"));
        if (added == 0) {
            return kept;
        }
        Shape shape = kept.getShape();
        NDManager manager = kept.getManager();
        NDArray before = manager.zeros(new Shape(shape.get(0), added / 2, shape.get(2), shape.get(3)));
        NDArray after = manager.zeros(new Shape(shape.get(0), added - added / 2, shape.get(2), shape.get(3)));
        return before.concat(kept, 1).concat(after, 1);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return branch.getOutputShapes(inputShapes);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        branch.initialize(manager, dataType, inputShapes);
    }
}
