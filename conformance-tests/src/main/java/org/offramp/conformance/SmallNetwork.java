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
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Stage;

/**
 * What a trainer is tried on: a backbone for the images (1, 8, 8) and three classes of {@link SeparableSet}, with early exits.
 *
 * @param name what it is called in the subject's text
 * @param backbone makes it anew
 * @param exits the stages after which early exits usually are
 * @param otherExits the same for networks with other exits
 */
record SmallNetwork(String name, Supplier<Backbone> backbone, List<Integer> exits, List<List<Integer>> otherExits) {
    private static final Shape INPUT = new Shape(1, SeparableSet.SIDE, SeparableSet.SIDE);
    private static final int CHANNELS = 4;

    /** Four small stages with BatchNorm. */
    static final SmallNetwork CONVOLUTIONS = new SmallNetwork(
            "convolutions",
            SmallNetwork::convolutions,
            List.of(1, 2),
            List.of(List.of(), List.of(2), List.of(1, 2, 3)));

    /**
     * A backbone with an early exit after every stage; in networks with other exits after the last but one only, so that no stage comes
     * together with the last.
     *
     * @param factory the factory
     * @param config the configuration
     */
    static <C extends Record> SmallNetwork of(BackboneFactory<C> factory, C config) {
        Supplier<Backbone> backbone = () -> factory.create(config, INPUT, SeparableSet.CLASSES);
        int early = backbone.get().stages().size() - 1;
        List<Integer> all = IntStream.rangeClosed(1, early).boxed().toList();
        List<List<Integer>> others = early < 2 ? List.of(all) : List.of(List.of(early), List.of(1, early));
        return new SmallNetwork(factory.name() + " " + config, backbone, all, others);
    }

    private static Backbone convolutions() {
        return Backbone.of(
                INPUT,
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
