package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** A backbone of given stages. */
record StagedBackbone(Shape inputShape, int classes, List<Stage> stages) implements Backbone {
    StagedBackbone {
        stages = List.copyOf(stages);
    }

    /** The shape if it has the wanted number of dimensions, otherwise an error that says what would suit. */
    static Shape require(Shape shape, int dimensions, String suits) {
        if (shape.dimension() != dimensions) {
            throw new IllegalArgumentException("samples of shape " + shape + " do not suit; " + suits);
        }
        return shape;
    }
}
