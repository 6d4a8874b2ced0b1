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
}
