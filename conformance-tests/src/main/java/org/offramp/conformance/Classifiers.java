package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/** Classifiers at every exit and the backbone, by the sum of the exits' cross entropies; passes every rule. */
final class Classifiers implements TrainerFactory<Classifiers.Config> {
    /**
     * The keys.
     *
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     */
    record Config(
            @Key(value = "passes over the training samples", defaultValue = "4", min = 1)
            int epochs,

            @Key(value = "samples per step", defaultValue = "8", min = 1)
            int batchSize) {}

    private static final Optimization OPTIMIZATION =
            new Optimization(Optimization.Method.ADAM, 0.02, 0, 0.9, Optimization.Schedule.COSINE);

    @Override
    public String name() {
        return "classifiers";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.TRAINS_BACKBONE);
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Trainer(config);
    }

    private record Trainer(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            int exits = session.network().exits();
            Set<Part> parts = Part.stages(1, exits);
            parts.addAll(Part.heads(HeadOutput.LOGITS, 1, exits - 1));
            session.fit(Phase.of(
                            "classifiers",
                            parts,
                            session.training(),
                            Trainer::loss,
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(OPTIMIZATION));
        }

        private static NDArray loss(ExitLoss.Batch batch) {
            NDArray sum = Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels());
            for (int exit = 2; exit <= batch.exits(); exit++) {
                sum = sum.add(Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels()));
            }
            return sum;
        }
    }
}
