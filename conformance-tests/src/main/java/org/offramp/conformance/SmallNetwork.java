package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** A backbone of four small stages with BatchNorm, for {@link SeparableSet}: what trainers are tried on. */
final class SmallNetwork {
    /** The usual early exits. */
    static final List<Integer> EXITS = List.of(1, 2);

    private static final int CHANNELS = 4;

    private SmallNetwork() {}

    static Backbone backbone() {
        return Backbone.of(
                new Shape(1, SeparableSet.SIDE, SeparableSet.SIDE),
                SeparableSet.CLASSES,
                List.of(
                        new Stage("one", convolution()),
                        new Stage("two", convolution().add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))),
                        new Stage("three", convolution()),
                        new Stage(
                                "four",
                                new SequentialBlock()
                                        .add(Blocks.batchFlattenBlock())
                                        .add(Linear.builder()
                                                .setUnits(SeparableSet.CLASSES)
                                                .build()))));
    }

    private static SequentialBlock convolution() {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .optPadding(new Shape(1, 1))
                        .setFilters(CHANNELS)
                        .optBias(false)
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock());
    }
}
