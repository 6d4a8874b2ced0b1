package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;

/** How an activation becomes the vector whose class means are taken. */
public enum Pooling {
    /** The whole activation, flattened: the paper's. */
    NONE,
    /** The mean over all positions. */
    GAP,
    /** The means over the quarters of a map, 2 × 2. */
    QUARTERS;

    /**
     * The vectors of a batch.
     *
     * @param activation {@code (batch, …)}
     * @return {@code (batch, d)}
     */
    NDArray of(NDArray activation) {
        Shape shape = activation.getShape();
        NDArray pooled = activation;
        if (this == GAP && shape.dimension() > 2) {
            Shape flat = new Shape(shape.get(0), shape.get(1), shape.slice(2).size());
            pooled = activation.reshape(flat).mean(new int[] {2});
        } else if (this == QUARTERS && shape.dimension() == 4) {
            Shape half = new Shape(Math.max(1, shape.get(2) / 2), Math.max(1, shape.get(3) / 2));
            pooled = Pool.avgPool2d(activation, half, half, new Shape(0, 0), false, true);
        }
        return pooled.reshape(new Shape(shape.get(0), pooled.getShape().slice(1).size()));
    }

    /** The number of values of a sample's vector. */
    long width(Shape activation) {
        if (this == GAP && activation.dimension() > 1) {
            return activation.get(0);
        }
        if (this == QUARTERS && activation.dimension() == 3) {
            long height = Math.max(1, activation.get(1) / 2);
            long width = Math.max(1, activation.get(2) / 2);
            return activation.get(0) * (activation.get(1) / height) * (activation.get(2) / width);
        }
        return activation.size();
    }
}
