package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/** The network under training as a trainer sees it: N stages, with exit n after stage n. */
public interface NetworkView {
    /** The number of exits N, the last one included; also the number of stages between exits. */
    int exits();

    /** The number of classes K. */
    int classes();

    /** The shape of one sample, without the batch dimension. */
    Shape inputShape();

    /**
     * The shape of the activation after stage n, without the batch dimension; for n = N the logits.
     *
     * @param exit {@code 1 … exits()}
     */
    Shape activationShape(int exit);

    /** The heads attached so far, by exit and output. */
    List<Head> heads();

    /**
     * Whether an exit gives an output; the last exit always gives logits.
     *
     * @param exit {@code 1 … exits()}
     * @param output the output
     */
    boolean has(int exit, HeadOutput output);

    /**
     * The MACs of stage n for one sample.
     *
     * @param exit {@code 1 … exits()}
     */
    long stageMacs(int exit);

    /**
     * The MACs of the heads at exit n for one sample.
     *
     * @param exit {@code 1 … exits()}
     */
    long headMacs(int exit);
}
