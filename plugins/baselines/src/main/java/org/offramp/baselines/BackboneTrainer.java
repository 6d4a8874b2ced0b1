package org.offramp.baselines;

import java.util.LinkedHashSet;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Key;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;

/** Trains the backbone alone, end to end, by the last exit's cross entropy: the network that others put exits on. */
final class BackboneTrainer implements TrainerFactory<BackboneTrainer.Config> {
    record Config(
            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65536)
            int batchSize,

            @Key(
                    value = "stop after this many epochs without a lower validation loss; 0 runs all",
                    defaultValue = "0",
                    min = 0,
                    max = 100000)
            int patience,

            @Key(value = "the update rule", defaultValue = "{}")
            Optimization optimization) {}

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
        return new Named("backbone", config, session -> {
            int exits = session.network().exits();
            Set<Part> parts = new LinkedHashSet<>();
            for (int exit = 1; exit <= exits; exit++) {
                parts.add(new Part.OfStage(exit));
            }
            session.fit(Phase.of(
                            "end-to-end",
                            parts,
                            session.training(),
                            batch -> ExitCrossEntropy.at(batch, exits),
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        });
    }
}
