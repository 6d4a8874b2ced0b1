package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Logits from distances to K centroids: −log(1 + ‖z − μ_k‖²), whose softmax is Student's t with one degree of freedom, the soft
 * assignment of deep embedding clustering (Xie et al. 2016, equation 1). The one parameter is {@code (d, K)}, a centroid per column.
 */
final class Centroids extends AbstractBlock {
    private final int clusters;
    private final Parameter centroids;

    Centroids(int clusters) {
        this.clusters = clusters;
        this.centroids = addParameter(Parameter.builder()
                .setName("centroids")
                .setType(Parameter.Type.WEIGHT)
                .build());
    }

    @Override
    protected void prepare(Shape[] inputShapes) {
        centroids.setShape(new Shape(inputShapes[0].get(1), clusters));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray z = inputs.get(0);
        NDArray mu = parameterStore.getValue(centroids, z.getDevice(), training);
        NDArray squares = mu.square();
        NDArray lengths = squares.sum(new int[] {0}, true);
        // Both belong to the parameters' manager, which is not closed with the samples.
        squares.attach(z.getManager());
        lengths.attach(z.getManager());
        NDArray squared =
                z.square().sum(new int[] {1}, true).sub(z.matMul(mu).mul(2f)).add(lengths);
        return new NDList(squared.maximum(0f).add(1f).log().neg());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), clusters)};
    }
}
