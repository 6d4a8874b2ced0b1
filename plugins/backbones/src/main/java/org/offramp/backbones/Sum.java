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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code body(x) + shortcut(x)}, where the shortcut is x itself unless a block is given. */
final class Sum extends AbstractBlock {
    private final Block body;
    private final @Nullable Block shortcut;

    Sum(Block body, Optional<Block> shortcut) {
        this.body = addChildBlock("body", body);
        this.shortcut = shortcut.map(block -> addChildBlock("shortcut", block)).orElse(null);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = shortcut == null
                ? inputs.singletonOrThrow()
                : shortcut.forward(parameterStore, inputs, training).singletonOrThrow();
        return new NDList(body.forward(parameterStore, inputs, training)
                .singletonOrThrow()
                .add(x));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        for (Block child : getChildren().values()) {
            child.initialize(manager, dataType, inputShapes);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return body.getOutputShapes(inputShapes);
    }
}
