package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;

/** The layers that the backbones share. */
final class Layers {
    /**
     * Normal with variance 2 / fan-in, for layers in front of a rectifier (He et al. 2015, "Delving deep into rectifiers",
     * equation 10).
     */
    private static final Initializer HE =
            new XavierInitializer(XavierInitializer.RandomType.GAUSSIAN, XavierInitializer.FactorType.IN, 2);

    private static final float DARKNET_SLOPE = 0.1f;

    private Layers() {}

    /** A convolution without bias that keeps the size, divided by the stride (rounded up). */
    static Conv2d convolution(int filters, int kernel, int stride, int groups) {
        return he(Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .setFilters(filters)
                .optPadding(new Shape(kernel / 2, kernel / 2))
                .optStride(new Shape(stride, stride))
                .optGroups(groups)
                .optBias(false)
                .build());
    }

    /** A 1x1 convolution with bias. */
    static Conv2d pointwiseWithBias(int filters) {
        return he(Conv2d.builder()
                .setKernelShape(new Shape(1, 1))
                .setFilters(filters)
                .build());
    }

    /** Convolution, BatchNorm, ReLU. */
    static SequentialBlock convolutionRelu(int filters, int kernel, int stride, int groups) {
        return new SequentialBlock()
                .add(convolution(filters, kernel, stride, groups))
                .add(batchNorm())
                .add(Activation.reluBlock());
    }

    /** 3x3 convolution, BatchNorm, leaky ReLU of slope 0.1. */
    static SequentialBlock convolutionLeaky(int filters) {
        return new SequentialBlock()
                .add(convolution(filters, 3, 1, 1))
                .add(batchNorm())
                .add(Activation.leakyReluBlock(DARKNET_SLOPE));
    }

    /** 1-D convolution that keeps the length, BatchNorm, ReLU; the kernel is odd. */
    static SequentialBlock convolution1dRelu(int filters, int kernel) {
        return new SequentialBlock()
                .add(he(Conv1d.builder()
                        .setKernelShape(new Shape(kernel))
                        .setFilters(filters)
                        .optPadding(new Shape(kernel / 2))
                        .optBias(false)
                        .build()))
                .add(batchNorm())
                .add(Activation.reluBlock());
    }

    /** Linear with bias, ReLU. */
    static SequentialBlock linearRelu(int units) {
        return new SequentialBlock()
                .add(he(Linear.builder().setUnits(units).build()))
                .add(Activation.reluBlock());
    }

    static Block batchNorm() {
        return BatchNorm.builder().build();
    }

    /**
     * BatchNorm with other constants.
     *
     * @param epsilon added to the variance
     * @param kept the share of the running statistics that a training step keeps; PyTorch's momentum is 1 minus this
     */
    static Block batchNorm(float epsilon, float kept) {
        return BatchNorm.builder().optEpsilon(epsilon).optMomentum(kept).build();
    }

    /** Max pooling that halves both sides, rounded down. */
    static Block halve() {
        return Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2));
    }

    /** Max pooling that halves the length, rounded down. */
    static Block halve1d() {
        return Pool.maxPool1dBlock(new Shape(2), new Shape(2));
    }

    static Linear linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    /** Gives the weights of a layer in front of a rectifier their initial distribution. */
    private static <B extends Block> B he(B block) {
        block.setInitializer(HE, Parameter.Type.WEIGHT);
        return block;
    }
}
