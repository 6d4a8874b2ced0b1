package org.offramp.e2cm;

import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.NetworkView;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code e2cm}: the class means of every early exit's activation, and the mean distance to each of them, in two passes over the training
 * samples and without a gradient; the network is left as it is (Görmez et al. 2022, "E2CM: early exit via class means"). The early
 * exits' logits are minus the distances before normalising.
 */
public final class E2cmTraining implements TrainerFactory<E2cmTraining.Config> {
    /** Who answers at the early exits. */
    public enum Answer {
        /** The nearest mean: an earlier classifier there is replaced. */
        MEANS,
        /** The classifier that an earlier trainer of the chain trained; the nearest mean where there is none. */
        EXITS
    }

    /**
     * The keys of {@code e2cm}.
     *
     * @param pool how an activation becomes a vector
     * @param answer who answers at the early exits
     * @param scaleSamples over how many samples the mean distances are taken
     * @param maxStorage the most MiB of means
     */
    public record Config(
            @Key(value = "how an activation becomes a vector: none, gap or quarters (2 x 2)", defaultValue = "none")
            Pooling pool,

            @Key(
                    value = "who answers at early exits: means, or exits where an earlier trainer trained classifiers",
                    defaultValue = "means")
            Answer answer,

            @Key(
                    value = "training samples over which the mean distances are taken; 0 for all",
                    defaultValue = "0",
                    min = 0)
            int scaleSamples,

            @Key(value = "the most MiB that the means may take", defaultValue = "1024", min = 1, max = 1_000_000)
            int maxStorage) {}

    @Override
    public String name() {
        return "e2cm";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Means(config);
    }

    /** The trainer, which shows its configuration. */
    private record Means(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            E2cmTraining.train(config, session);
        }
    }

    private static void train(Config config, TrainingSession session) {
        requireEveryClass(session);
        Samples scaling = config.scaleSamples() == 0
                ? session.training()
                : session.training().draw(config.scaleSamples(), session.random());
        MeansPass pass = new MeansPass(session, "e2cm", config.pool(), (long) config.maxStorage() << 20, scaling);
        float[][] distances = pass.attach((from, labels) -> labels);
        NetworkView network = session.network();
        for (int exit = 1; exit < network.exits(); exit++) {
            if (config.answer() == Answer.MEANS || !network.has(exit, HeadOutput.LOGITS)) {
                session.attach(NearestMean.head(exit, distances[exit - 1]));
            }
        }
    }

    private static void requireEveryClass(TrainingSession session) {
        int[] counts = session.training().classCounts();
        for (int k = 0; k < counts.length; k++) {
            if (counts[k] == 0) {
                throw new TrainingException("e2cm: class " + k + " has no training sample, so it has no mean");
            }
        }
    }
}
