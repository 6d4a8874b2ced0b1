package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * The distances of a sample to the class means, each divided by its mean over the training samples:
 * d̂_k(x) = √(‖x − μ‖² − 2 (x − μ)·(c_k − μ) + ‖c_k − μ‖²) / d̄_k. One matrix product for all classes; the mean of all samples μ is taken
 * away first, so that the squares that are subtracted are small. A whitening multiplies x − μ and c_k − μ first; where a class has several
 * means the nearest one counts.
 */
final class ClassMeans extends AbstractBlock {
    private final Pooling pooling;
    private final int classes;
    private final int perClass;
    private final Parameter center;
    private final Whitening whitening;
    private final @Nullable Parameter whiteningValues;
    private final Parameter means;
    private final Parameter squares;
    private final Parameter scales;

    /**
     * The head.
     *
     * @param pooling how an activation becomes a vector
     * @param center μ, d numbers
     * @param whitening what x − μ is multiplied by
     * @param means whitened c_k − μ, the means of one class after the other, the same number for each
     * @param distances d̄_k, K positive numbers
     */
    ClassMeans(Pooling pooling, float[] center, Whitening whitening, float[][] means, float[] distances) {
        this.pooling = pooling;
        this.classes = distances.length;
        this.perClass = means.length / classes;
        this.whitening = whitening;
        int width = center.length;
        int count = means.length;
        float[] transposed = new float[width * count];
        float[] norms = new float[count];
        for (int k = 0; k < count; k++) {
            double norm = 0;
            for (int j = 0; j < width; j++) {
                transposed[j * count + k] = means[k][j];
                norm += (double) means[k][j] * means[k][j];
            }
            norms[k] = (float) norm;
        }
        float[] inverse = new float[classes];
        for (int k = 0; k < classes; k++) {
            inverse[k] = 1 / distances[k];
        }
        this.center = addParameter(parameter("center", center, new Shape(width)));
        this.whiteningValues = whitening.isNone()
                ? null
                : addParameter(parameter("whitening", whitening.values(), whitening.shape(width)));
        this.means = addParameter(parameter("means", transposed, new Shape(width, count)));
        this.squares = addParameter(parameter("squares", norms, new Shape(count)));
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
        if (whiteningValues != null) {
            x = whitening.of(x, parameterStore.getValue(whiteningValues, activation.getDevice(), training));
        }
        NDArray products = x.matMul(parameterStore.getValue(means, activation.getDevice(), training));
        NDArray norms = x.square().sum(new int[] {1}, true);
        NDArray squared =
                norms.sub(products.mul(2f)).add(parameterStore.getValue(squares, activation.getDevice(), training));
        if (perClass > 1) {
            squared = squared.reshape(new Shape(squared.getShape().get(0), classes, perClass))
                    .min(new int[] {2});
        }
        NDArray distances = squared.maximum(0f).sqrt();
        return new NDList(distances.mul(parameterStore.getValue(scales, activation.getDevice(), training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
    }
}
