package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code e2cm-heads}, after {@code e2cm}: classifiers whose input is the activation with the distances appended,
 * z = W [pool(h); d̂] + b, trained with the backbone frozen (E2CM + SDN, Görmez et al. 2022).
 */
public final class FusedHeadsTraining implements TrainerFactory<FusedHeadsTraining.Config> {
    private static final int SIDE = 4;

    /**
     * The keys of {@code e2cm-heads}.
     *
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     */
    public record Config(
            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100_000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization) {}

    @Override
    public String name() {
        return "e2cm-heads";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new FusedHeads(config);
    }

    private record FusedHeads(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            int early = session.network().exits() - 1;
            for (int exit = 1; exit <= early; exit++) {
                if (!session.network().has(exit, HeadOutput.DISTANCES)) {
                    throw new TrainingException(
                            "e2cm-heads: exit " + exit + " has no distances; put the trainer e2cm before it");
                }
                session.attach(new Head(
                        exit,
                        HeadOutput.LOGITS,
                        new Fused(session.network().classes()),
                        List.of(new Head.Input(exit, HeadOutput.DISTANCES))));
            }
            if (early > 0) {
                session.fit(Phase.of(
                                "heads",
                                Part.heads(HeadOutput.LOGITS, 1, early),
                                session.training(),
                                batch -> {
                                    NDArray sum =
                                            Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels());
                                    for (int exit = 2; exit <= early; exit++) {
                                        sum = sum.add(Losses.crossEntropy(
                                                batch.output(exit, HeadOutput.LOGITS), batch.labels()));
                                    }
                                    return sum.div(early);
                                },
                                early,
                                config.epochs(),
                                config.batchSize())
                        .withOptimization(config.optimization()));
            }
        }
    }

    /** W [pool(h); d̂] + b; maps are averaged to at most 4 × 4 positions, sequences to one. */
    private static final class Fused extends AbstractBlock {
        private final Block linear;

        Fused(int classes) {
            linear = addChildBlock("linear", Linear.builder().setUnits(classes).build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
            return linear.forward(
                    parameterStore, new NDList(pooled(inputs.get(0)).concat(inputs.get(1), 1)), training);
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
            linear.initialize(manager, dataType, new Shape(inputShapes[0].get(0), width + inputShapes[1].get(1)));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return new Shape[] {inputShapes[1]};
        }
    }
}
