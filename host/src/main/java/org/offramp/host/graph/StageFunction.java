package org.offramp.host.graph;

import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;

/** A part of a network as a function of its inputs; takes every parameter from the store. */
@FunctionalInterface
public interface StageFunction {
    /**
     * Computes.
     *
     * @param store hands out parameters
     * @param inputs arrays, the batch first
     * @param training whether in training mode
     */
    NDList forward(ParameterStore store, NDList inputs, boolean training);
}
