package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import java.util.Set;
import java.util.function.Function;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/**
 * A trainer put together by a test; without changes it trains the usual classifiers of a frozen network, which passes every rule.
 *
 * @param making makes the trainer
 */
record GivenTrainer(Function<GivenTrainer.Config, ExitTrainer> making) implements TrainerFactory<GivenTrainer.Config> {
    private static final Optimization QUICK =
            new Optimization(Optimization.Method.ADAM, 0.02, 0, 0.9, Optimization.Schedule.COSINE);

    /**
     * The keys.
     *
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param macs the most MACs to spend; by default more than the rules' small set can cost
     */
    record Config(
            @Key(value = "passes over the training samples", defaultValue = "4", min = 1, max = 100)
            int epochs,

            @Key(value = "samples per step", defaultValue = "8", min = 1, max = 100)
            int batchSize,

            @Key(value = "the most MACs to spend", defaultValue = "1000000000000", min = 1)
            long macs) {}

    /** The right one. */
    GivenTrainer() {
        this(config -> named(config, session -> heads(session, config)));
    }

    /** A subject whose training is given and whose text is right. */
    static TrainerSubject<?> subject(Training training) {
        return TrainerSubject.ofDefaults(
                new GivenTrainer(config -> named(config, session -> training.train(session, config))));
    }

    private static ExitTrainer named(Config config, ExitTrainer trainer) {
        return new Named(config, trainer);
    }

    @Override
    public String name() {
        return "given";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return making.apply(config);
    }

    /** Attaches classifiers and trains them. */
    static void heads(TrainingSession session, Config config) {
        session.attachClassifiers();
        int early = session.network().exits() - 1;
        if (early > 0) {
            session.fit(phase("heads", 1, early, session.training(), config));
        }
    }

    /** Trains the classifiers of some exits. */
    static Phase phase(String name, int from, int to, Samples samples, Config config) {
        return Phase.of(
                        name,
                        Part.heads(HeadOutput.LOGITS, from, to),
                        samples,
                        batch -> loss(batch, from, to),
                        to,
                        config.epochs(),
                        config.batchSize())
                .withOptimization(QUICK);
    }

    private static NDArray loss(ExitLoss.Batch batch, int from, int to) {
        NDArray sum = Losses.crossEntropy(batch.output(from, HeadOutput.LOGITS), batch.labels());
        for (int exit = from + 1; exit <= to; exit++) {
            sum = sum.add(Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels()));
        }
        return sum;
    }

    /** The phase with another loss. */
    static Phase with(Phase phase, ExitLoss loss) {
        return Phase.of(
                        phase.name(),
                        Set.copyOf(phase.trainable()),
                        phase.samples(),
                        loss,
                        phase.throughExit(),
                        phase.epochs(),
                        phase.batchSize())
                .withOptimization(phase.optimization());
    }

    /** A trainer that shows its configuration. */
    private record Named(Config config, ExitTrainer trainer) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            trainer.train(session);
        }
    }

    /** What a trainer does. */
    @FunctionalInterface
    interface Training {
        void train(TrainingSession session, Config config);
    }
}
