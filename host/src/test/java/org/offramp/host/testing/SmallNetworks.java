package org.offramp.host.testing;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.offramp.api.Backbone;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Stage;

/** A three-stage convolutional network for {@link Blobs} and a trainer for it. */
public final class SmallNetworks {
    private SmallNetworks() {}

    /** Three convolutional stages of 4, 8 and 8 channels. */
    public static Backbone backbone() {
        List<Stage> stages = List.of(
                new Stage("one", convolution(4)),
                new Stage("two", convolution(8)),
                new Stage(
                        "three",
                        convolution(8)
                                .add(Pool.globalAvgPool2dBlock())
                                .add(Blocks.batchFlattenBlock())
                                .add(Linear.builder().setUnits(4).build())));
        return new Backbone() {
            @Override
            public Shape inputShape() {
                return new Shape(1, 8, 8);
            }

            @Override
            public int classes() {
                return 4;
            }

            @Override
            public List<Stage> stages() {
                return stages;
            }
        };
    }

    private static SequentialBlock convolution(int channels) {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .optPadding(new Shape(1, 1))
                        .setFilters(channels)
                        .optBias(false)
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock());
    }

    /**
     * Trains everything by the sum of the exits' cross entropies.
     *
     * @param epochs passes over the training samples
     */
    public static ExitTrainer joint(int epochs) {
        return session -> {
            session.attachClassifiers();
            int exits = session.network().exits();
            Set<Part> parts = IntStream.rangeClosed(1, exits)
                    .boxed()
                    .flatMap(exit -> exit == exits
                            ? Stream.<Part>of(new Part.OfStage(exit))
                            : Stream.<Part>of(new Part.OfStage(exit), new Part.OfHead(exit, HeadOutput.LOGITS)))
                    .collect(Collectors.toSet());
            session.fit(Phase.of(
                    "all",
                    parts,
                    session.training(),
                    batch -> IntStream.rangeClosed(1, exits)
                            .mapToObj(exit -> batch.output(exit, HeadOutput.LOGITS)
                                    .logSoftmax(-1)
                                    .mul(batch.labels().oneHot(4))
                                    .sum()
                                    .neg()
                                    .div(batch.size()))
                            .reduce((a, b) -> a.add(b))
                            .orElseThrow(),
                    exits,
                    epochs,
                    32));
        };
    }
}
