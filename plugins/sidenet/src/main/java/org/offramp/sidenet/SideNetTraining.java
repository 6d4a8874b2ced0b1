package org.offramp.sidenet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/**
 * {@code sidenet}: a perceptron with one hidden layer at every exit, z = W₂ ReLU(W₁ a + b₁) + b₂ with a the pooled activation; the MainNet
 * is frozen (Morisot 2020; faithful to the published abstract). Where SideNets are attached is the backbone's key {@code exits}.
 */
public final class SideNetTraining implements TrainerFactory<SideNetTraining.Config> {
    /** How the activation becomes a vector. */
    public enum Pooling {
        /** The mean over all positions. */
        GAP,
        /** The means over the quarters of a map, 2 × 2. */
        QUARTERS
    }

    /** What a SideNet learns. */
    public enum Targets {
        /** The labels. */
        LABELS,
        /** The MainNet's probabilities. */
        DISTILL
    }

    /**
     * The keys of {@code sidenet}.
     *
     * @param hidden units of the hidden layer
     * @param pool how the activation becomes a vector
     * @param targets what a SideNet learns
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     * @param patience epochs without a lower validation loss before training stops; 0 never stops
     */
    public record Config(
            @Key(value = "units of the hidden layer", defaultValue = "256", min = 1, max = 65_536)
            int hidden,

            @Key(value = "how the activation becomes a vector: gap or quarters", defaultValue = "gap")
            Pooling pool,

            @Key(
                    value = "what a SideNet learns: labels, or distill for the MainNet's probabilities",
                    defaultValue = "labels")
            Targets targets,

            @Key(value = "passes over the training samples", defaultValue = "10", min = 1, max = 100_000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization,

            @Key(
                    value = "epochs without a lower validation loss before training stops; 0 never stops",
                    defaultValue = "3",
                    min = 0,
                    max = 100_000)
            int patience) {}

    @Override
    public String name() {
        return "sidenet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new SideNet(config);
    }

    private record SideNet(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            int last = session.network().exits();
            if (last == 1) {
                return;
            }
            for (int exit = 1; exit < last; exit++) {
                session.attach(new Head(
                        exit,
                        HeadOutput.LOGITS,
                        perceptron(
                                session.network().activationShape(exit),
                                session.network().classes())));
            }
            session.fit(Phase.of(
                            "sidenet",
                            Part.heads(HeadOutput.LOGITS, 1, last - 1),
                            session.training(),
                            batch -> loss(batch, last),
                            config.targets() == Targets.DISTILL ? last : last - 1,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(session.validation().size() == 0 ? 0 : config.patience()));
        }

        /** The mean over the SideNets. */
        private NDArray loss(ExitLoss.Batch batch, int last) {
            NDArray sum = term(batch, 1, last);
            for (int exit = 2; exit < last; exit++) {
                sum = sum.add(term(batch, exit, last));
            }
            return sum.div(last - 1);
        }

        private NDArray term(ExitLoss.Batch batch, int exit, int last) {
            NDArray given = batch.output(exit, HeadOutput.LOGITS);
            return config.targets() == Targets.LABELS
                    ? Losses.crossEntropy(given, batch.labels())
                    : Losses.divergence(batch.output(last, HeadOutput.LOGITS), given);
        }

        private SequentialBlock perceptron(Shape activation, int classes) {
            SequentialBlock block = new SequentialBlock();
            if (activation.dimension() == 3 && config.pool() == Pooling.QUARTERS) {
                Shape half = new Shape(Math.max(1, activation.get(1) / 2), Math.max(1, activation.get(2) / 2));
                block.add(Pool.avgPool2dBlock(half, half)).add(Blocks.batchFlattenBlock());
            } else if (activation.dimension() == 3) {
                block.add(Pool.globalAvgPool2dBlock());
            } else if (activation.dimension() == 2) {
                block.add(Pool.globalAvgPool1dBlock());
            }
            return block.add(Linear.builder().setUnits(config.hidden()).build())
                    .add(Activation.reluBlock())
                    .add(Linear.builder().setUnits(classes).build());
        }
    }
}
