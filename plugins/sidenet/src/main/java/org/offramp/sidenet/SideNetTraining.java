package org.offramp.sidenet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
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
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code sidenet}: a perceptron with one hidden layer, z = W₂ ReLU(W₁ a + b₁) + b₂ with a the pooled activation; the MainNet is frozen
 * (Morisot 2020; faithful to the published abstract). A SideNet is put at every early exit of the network, or at those of {@code attach-at}.
 */
public final class SideNetTraining implements TrainerFactory<SideNetTraining.Config> {
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
     * @param attachAt the exits that get a SideNet, counted from 1; empty for every early exit
     * @param targets what a SideNet learns
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     * @param patience epochs without a lower validation loss before training stops; 0 never stops
     */
    public record Config(
            @Key(value = "units of the hidden layer", defaultValue = "256", min = 1, max = 65_536)
            int hidden,

            @Key(
                    value =
                            "how the activation becomes a vector: gap or mean (over all positions), 2x2 or 4x4 (the quarters or sixteenths"
                                    + " of a map), cls (the first token)",
                    defaultValue = "gap")
            String pool,

            @Key(
                    value =
                            "early exits of the strategy that get a SideNet, counted from 1; empty for all; the others need logits from"
                                    + " another trainer of the chain",
                    defaultValue = "[]",
                    min = 1)
            List<Integer> attachAt,

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
            int patience) {
        /** Checks the choices. */
        public Config {
            Pooling.of(pool);
            attachAt = List.copyOf(new TreeSet<>(attachAt));
        }
    }

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
            List<Integer> exits = exits(last);
            if (exits.isEmpty()) {
                return;
            }
            Set<Part> trained = new LinkedHashSet<>();
            for (int exit : exits) {
                session.attach(new Head(
                        exit,
                        HeadOutput.LOGITS,
                        perceptron(
                                exit,
                                session.network().activationShape(exit),
                                session.network().classes())));
                trained.addAll(Part.heads(HeadOutput.LOGITS, exit, exit));
            }
            session.fit(Phase.of(
                            "sidenet",
                            trained,
                            session.training(),
                            batch -> loss(batch, exits, last),
                            config.targets() == Targets.DISTILL ? last : exits.get(exits.size() - 1),
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(session.validation().size() == 0 ? 0 : config.patience()));
        }

        private List<Integer> exits(int last) {
            if (config.attachAt().isEmpty()) {
                return IntStream.range(1, last).boxed().toList();
            }
            int greatest = config.attachAt().get(config.attachAt().size() - 1);
            if (greatest >= last) {
                throw new TrainingException("trainer 'sidenet': attach-at is " + config.attachAt()
                        + "; the network has the early exits 1 to " + (last - 1));
            }
            return config.attachAt();
        }

        /** The mean over the SideNets. */
        private NDArray loss(ExitLoss.Batch batch, List<Integer> exits, int last) {
            NDArray sum = term(batch, exits.get(0), last);
            for (int exit : exits.subList(1, exits.size())) {
                sum = sum.add(term(batch, exit, last));
            }
            return sum.div(exits.size());
        }

        private NDArray term(ExitLoss.Batch batch, int exit, int last) {
            NDArray given = batch.output(exit, HeadOutput.LOGITS);
            return config.targets() == Targets.LABELS
                    ? Losses.crossEntropy(given, batch.labels())
                    : Losses.divergence(batch.output(last, HeadOutput.LOGITS), given);
        }

        private SequentialBlock perceptron(int exit, Shape activation, int classes) {
            SequentialBlock block = new SequentialBlock();
            Pooling.of(config.pool()).addTo(block, exit, activation);
            return block.add(Linear.builder().setUnits(config.hidden()).build())
                    .add(Activation.reluBlock())
                    .add(Linear.builder().setUnits(classes).build());
        }
    }
}
