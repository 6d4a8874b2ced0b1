package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;

/** How the tokens of a text become one vector: {@code (batch, width + 1, length)}, see {@link TokenActivation}, to {@code (batch, width)}. */
public enum TokenPool {
    /** The features of the first token, which is [CLS]. */
    CLS {
        @Override
        NDArray pool(NDArray activation, int width) {
            return activation.get(new NDIndex(":, :" + width + ", 0"));
        }
    },
    /** The mean over the tokens, padding left out. */
    MEAN {
        @Override
        NDArray pool(NDArray activation, int width) {
            NDArray mean = TokenActivation.of(activation, width).mean();
            return mean.reshape(new Shape(mean.getShape().get(0), width));
        }
    };

    abstract NDArray pool(NDArray activation, int width);

    /** The pooling as a block. */
    Block block(int width) {
        return LambdaBlock.singleton(activation -> pool(activation, width), "tokenPool");
    }
}
