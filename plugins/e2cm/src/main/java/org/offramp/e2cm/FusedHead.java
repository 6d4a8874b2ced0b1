package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;

/**
 * A classifier on the activation with the distances appended: z = W h + V u + b, where h is the activation, maps averaged to at most
 * 4 × 4 positions and sequences to one, and u_k = β (mean d̂ − d̂_k). It begins with W = 0 and V = I: as softmax(−β d̂), the
 * class means' own answer, from which training goes on.
 */
final class FusedHead extends AbstractBlock {
    private static final int SIDE = 4;

    private final int classes;
    private final float beta;
    private final Linear ofActivation;
    private final Linear ofDistances;

    /**
     * The head.
     *
     * @param classes the number of classes K
     * @param beta β, what distances are multiplied by
     */
    FusedHead(int classes, double beta) {
        this.classes = classes;
        this.beta = (float) beta;
        ofActivation =
                addChildBlock("activation", Linear.builder().setUnits(classes).build());
        ofDistances = addChildBlock(
                "distances", Linear.builder().setUnits(classes).optBias(false).build());
        ofActivation.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
        ofDistances.setInitializer(
                (manager, shape, type) -> manager.eye((int) shape.get(0), (int) shape.get(1), 0, type),
                Parameter.Type.WEIGHT);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray distances = inputs.get(1);
        NDArray u = distances.mean(new int[] {1}, true).sub(distances).mul(beta);
        NDArray one = ofActivation
                .forward(parameterStore, new NDList(pooled(inputs.get(0))), training)
                .singletonOrThrow();
        NDArray other =
                ofDistances.forward(parameterStore, new NDList(u), training).singletonOrThrow();
        return new NDList(one.add(other));
    }

    private static NDArray pooled(NDArray activation) {
        Shape shape = activation.getShape();
        return switch (shape.dimension()) {
            case 2 -> activation;
            case 3 -> activation.mean(new int[] {2});
            default -> {
                Shape kernel = kernel(shape.slice(1));
                NDArray map = Pool.avgPool2d(activation, kernel, kernel, new Shape(0, 0), false, true);
                yield map.reshape(
                        new Shape(shape.get(0), map.getShape().slice(1).size()));
            }
        };
    }

    private static Shape kernel(Shape map) {
        return new Shape(Math.max(1, map.get(1) / SIDE), Math.max(1, map.get(2) / SIDE));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape sample = inputShapes[0].slice(1);
        long width = sample.get(0);
        if (sample.dimension() == 3) {
            Shape kernel = kernel(sample);
            width *= (sample.get(1) / kernel.get(0)) * (sample.get(2) / kernel.get(1));
        }
        ofActivation.initialize(manager, dataType, new Shape(inputShapes[0].get(0), width));
        ofDistances.initialize(manager, dataType, new Shape(inputShapes[0].get(0), classes));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[1]};
    }
}
