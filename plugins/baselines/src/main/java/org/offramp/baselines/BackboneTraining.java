package org.offramp.baselines;

import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/**
 * {@code backbone}: the backbone alone, end to end, by the cross entropy of the last exit: the first link of chains such as
 * {@code [backbone, heads-only]}. The early exits get heads that a later trainer trains.
 */
public final class BackboneTraining implements TrainerFactory<BackboneTraining.Config> {
    /**
     * The keys of {@code backbone}.
     *
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     * @param patience epochs without a lower validation loss before training stops; 0 never stops
     */
    public record Config(
            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100_000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization,

            @Key(
                    value = "epochs without a lower validation loss before training stops; 0 never stops",
                    defaultValue = "0",
                    min = 0,
                    max = 100_000)
            int patience) {
        /** Checks the numbers. */
        public Config {
            Epochs.require(epochs, batchSize, patience);
        }
    }

    @Override
    public String name() {
        return "backbone";
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
        return new EndToEnd(config);
    }

    private record EndToEnd(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            int exits = session.network().exits();
            session.fit(Phase.of(
                            "backbone",
                            Part.stages(1, exits),
                            session.training(),
                            batch -> Losses.crossEntropy(batch.output(exits, HeadOutput.LOGITS), batch.labels()),
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        }
    }
}
