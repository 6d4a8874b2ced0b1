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
     * @param meansPerClass means of every class, by k-means of its samples; the nearest counts
     * @param covariance the within-class covariance in which distances are measured
     * @param shrinkage the share of the covariance that its mean variance takes the place of
     * @param samples how many training samples means are made of
     * @param scaleSamples over how many of those the mean distances are taken
     * @param maxStorage the most MiB of means
     */
    public record Config(
            @Key(value = "how an activation becomes a vector: none, gap or quarters (2 x 2)", defaultValue = "none")
            Pooling pool,

            @Key(
                    value = "who answers at early exits: means, or exits where an earlier trainer trained classifiers",
                    defaultValue = "means")
            Answer answer,

            @Key(value = "means of every class; the nearest counts", defaultValue = "1", min = 1, max = 1000)
            int meansPerClass,

            @Key(
                    value = "within-class covariance in which distances are measured: none, diagonal, or full (for at"
                            + " most 2,048 values)",
                    defaultValue = "none")
            Covariance covariance,

            @Key(
                    value = "share of the covariance that its mean variance takes the place of",
                    defaultValue = "0.1",
                    min = 0.000001,
                    max = 1)
            double shrinkage,

            @Key(
                    value = "training samples that means are made of, drawn at random; 0 for all",
                    defaultValue = "0",
                    min = 0)
            int samples,

            @Key(value = "of those, how many the mean distances are taken over; 0 for all", defaultValue = "0", min = 0)
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
        Samples samples = some(session.training(), config.samples(), session);
        requireEveryClass(samples);
        MeansPass pass = new MeansPass(
                session,
                "e2cm",
                config.pool(),
                (long) config.maxStorage() << 20,
                samples,
                some(samples, config.scaleSamples(), session),
                config.meansPerClass(),
                config.covariance(),
                config.shrinkage());
        float[][] distances = pass.attach((from, labels) -> labels);
        NetworkView network = session.network();
        for (int exit = 1; exit < network.exits(); exit++) {
            if (config.answer() == Answer.MEANS || !network.has(exit, HeadOutput.LOGITS)) {
                session.attach(NearestMean.head(exit, distances[exit - 1]));
            }
        }
    }

    private static Samples some(Samples of, int wanted, TrainingSession session) {
        return wanted == 0 ? of : of.draw(wanted, session.random());
    }

    private static void requireEveryClass(Samples samples) {
        int[] counts = samples.classCounts();
        for (int k = 0; k < counts.length; k++) {
            if (counts[k] == 0) {
                throw new TrainingException("e2cm: class " + k + " has no training sample, so it has no mean");
            }
        }
    }
}
