package org.offramp.api;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.util.PairList;
import java.util.Arrays;

/**
 * PReLU: max(x, 0) + α · min(x, 0) with learned slopes α (He et al. 2015, equation 1), beginning at 0.25. The input is {@code (batch,
 * channels, …)}, the output has its shape. DJL has a block of this name that its PyTorch engine cannot run; compiled, this one is
 * one operation.
 */
public final class PRelu extends AbstractBlock {
    private static final float START = 0.25f;

    private final Slopes slopes;
    private final Parameter alpha;

    /** How many slopes there are. */
    public enum Slopes {
        /** One for each channel. */
        CHANNEL,
        /** One for each position of each channel. */
        ELEMENT,
        /** One for all. */
        SHARED
    }

    /**
     * A PReLU.
     *
     * @param slopes how many slopes it has
     */
    public PRelu(Slopes slopes) {
        this.slopes = slopes;
        alpha = addParameter(Parameter.builder()
                .setName("alpha")
                .setType(Parameter.Type.OTHER)
                .optInitializer(new ConstantInitializer(START))
                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        NDArray slope = parameterStore.getValue(alpha, x.getDevice(), training);
        return new NDList(x.maximum(0f).add(x.minimum(0f).mul(slope)));
    }

    @Override
    protected void prepare(Shape[] inputShapes) {
        Shape shape = inputShapes[0];
        alpha.setShape(
                switch (slopes) {
                    case CHANNEL -> {
                        long[] sizes = new long[shape.dimension() - 1];
                        Arrays.fill(sizes, 1);
                        sizes[0] = shape.get(1);
                        yield new Shape(sizes);
                    }
                    case ELEMENT -> shape.slice(1);
                    case SHARED -> new Shape(1);
                });
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return inputShapes;
    }
}
