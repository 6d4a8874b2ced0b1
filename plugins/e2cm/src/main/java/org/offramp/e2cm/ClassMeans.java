package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * The distances of a sample to the class means, each divided by its mean over the training samples:
 * d̂_k(x) = √(‖x − μ‖² − 2 (x − μ)·(c_k − μ) + ‖c_k − μ‖²) / d̄_k. One matrix product for all classes; the mean of all samples μ is taken
 * away first, so that the squares that are subtracted are small.
 */
final class ClassMeans extends AbstractBlock {
    private final Pooling pooling;
    private final int classes;
    private final Parameter center;
    private final Parameter means;
    private final Parameter squares;
    private final Parameter scales;

    /**
     * The head.
     *
     * @param pooling how an activation becomes a vector
     * @param center μ, d numbers
     * @param means c_k − μ, K × d numbers
     * @param distances d̄_k, K positive numbers
     */
    ClassMeans(Pooling pooling, float[] center, float[][] means, float[] distances) {
        this.pooling = pooling;
        this.classes = means.length;
        int width = center.length;
        float[] transposed = new float[width * classes];
        float[] norms = new float[classes];
        float[] inverse = new float[classes];
        for (int k = 0; k < classes; k++) {
            double norm = 0;
            for (int j = 0; j < width; j++) {
                transposed[j * classes + k] = means[k][j];
                norm += (double) means[k][j] * means[k][j];
            }
            norms[k] = (float) norm;
            inverse[k] = 1 / distances[k];
        }
        this.center = addParameter(parameter("center", center, new Shape(width)));
        this.means = addParameter(parameter("means", transposed, new Shape(width, classes)));
        this.squares = addParameter(parameter("squares", norms, new Shape(classes)));
        this.scales = addParameter(parameter("scales", inverse, new Shape(classes)));
    }

    private static Parameter parameter(String name, float[] values, Shape shape) {
        Parameter parameter = Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.OTHER)
                .optShape(shape)
                .optInitializer((manager, wanted, type) -> copy(manager, values, wanted))
                .build();
        return parameter;
    }

    /** The engine's own memory instead of Java's. */
    private static NDArray copy(NDManager manager, float[] values, Shape shape) {
        try (NDArray array = manager.create(values, shape)) {
            return array.duplicate();
        }
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray activation = inputs.get(0);
        NDArray x = pooling.of(activation).sub(parameterStore.getValue(center, activation.getDevice(), training));
        NDArray products = x.matMul(parameterStore.getValue(means, activation.getDevice(), training));
        NDArray norms = x.square().sum(new int[] {1}, true);
        NDArray squared =
                norms.sub(products.mul(2f)).add(parameterStore.getValue(squares, activation.getDevice(), training));
        NDArray distances = squared.maximum(0f).sqrt();
        return new NDList(distances.mul(parameterStore.getValue(scales, activation.getDevice(), training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
    }
}
