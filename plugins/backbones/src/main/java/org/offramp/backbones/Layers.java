package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.XavierInitializer;

/** The layers that the backbones are made of. */
final class Layers {
    private Layers() {}

    /** He initialisation (He et al. 2015, eq. 10), fan in. */
    private static <B extends Block> B initialised(B block) {
        block.setInitializer(
                new XavierInitializer(XavierInitializer.RandomType.GAUSSIAN, XavierInitializer.FactorType.IN, 2),
                Parameter.Type.WEIGHT);
        return block;
    }

    static Block convolution(int channels, int kernel, int stride) {
        return initialised(Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .optPadding(new Shape(kernel / 2, kernel / 2))
                .optStride(new Shape(stride, stride))
                .setFilters(channels)
                .optBias(false)
                .build());
    }

    static Block convolutionWithBias(int channels) {
        return initialised(Conv2d.builder()
                .setKernelShape(new Shape(1, 1))
                .setFilters(channels)
                .build());
    }

    static Block convolution1d(int channels, int kernel) {
        return initialised(Conv1d.builder()
                .setKernelShape(new Shape(kernel))
                .optPadding(new Shape(kernel / 2))
                .setFilters(channels)
                .optBias(false)
                .build());
    }

    static Block batchNorm() {
        return BatchNorm.builder().build();
    }

    static Block relu() {
        return Activation.reluBlock();
    }

    static Block halve() {
        return Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2));
    }

    static Block linear(int units) {
        return initialised(Linear.builder().setUnits(units).build());
    }

    static SequentialBlock sequence(Block... blocks) {
        SequentialBlock sequence = new SequentialBlock();
        for (Block block : blocks) {
            sequence.add(block);
        }
        return sequence;
    }

    /** Global average pooling and a linear classifier. */
    static SequentialBlock classifier(int classes) {
        return sequence(Pool.globalAvgPool2dBlock(), Blocks.batchFlattenBlock(), linear(classes));
    }

    static int scaled(int channels, double width) {
        return Math.max(1, (int) Math.round(channels * width));
    }
}
