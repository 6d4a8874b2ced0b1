package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/** A network without early exits, as an ordered list of stages. */
public interface Backbone {
    /** The shape of one sample, without the batch dimension. */
    Shape inputShape();

    /** The number of classes K. */
    int classes();

    /**
     * The stages in order, at least one; the last one ends in the classifier and gives logits of shape
     * {@code (batch, K)}. An early exit may be placed after every stage but the last.
     */
    List<Stage> stages();

    /**
     * A backbone made of a list of stages.
     *
     * @param inputShape the shape of one sample, without the batch dimension
     * @param classes the number of classes K
     * @param stages the stages
     */
    static Backbone of(Shape inputShape, int classes, List<Stage> stages) {
        List<Stage> copy = List.copyOf(stages);
        return new Backbone() {
            @Override
            public Shape inputShape() {
                return inputShape;
            }

            @Override
            public int classes() {
                return classes;
            }

            @Override
            public List<Stage> stages() {
                return copy;
            }
        };
    }
}
