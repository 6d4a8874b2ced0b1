package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;

/** Logits whose greatest is the nearest class mean: minus the distances before normalising. Reads the activation, then the distances. */
final class NearestMean extends AbstractBlock {
    private final float[] distances;

    /**
     * The head.
     *
     * @param distances d̄_k, by which the distances it reads were divided
     */
    NearestMean(float[] distances) {
        this.distances = distances;
    }

    /**
     * The head as the logits of an exit.
     *
     * @param exit the exit, counted from 1
     * @param distances d̄_k of that exit
     */
    static Head head(int exit, float[] distances) {
        return new Head(
                exit,
                HeadOutput.LOGITS,
                new NearestMean(distances),
                List.of(new Head.Input(exit, HeadOutput.DISTANCES)));
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
