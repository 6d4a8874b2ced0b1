package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** Logits whose greatest is the nearest class mean: minus the distances, raw or normalised. Reads the activation, then the distances. */
final class NearestMean extends AbstractBlock {
    private final float[] distances;

    /**
     * The head.
     *
     * @param distances d̄_k for raw distances; all 1 for normalised ones
     */
    NearestMean(float[] distances) {
        this.distances = distances;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray normalized = inputs.get(1);
        NDArray scale = normalized.getManager().create(distances);
        return new NDList(normalized.mul(scale).neg());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[1]};
    }
}
