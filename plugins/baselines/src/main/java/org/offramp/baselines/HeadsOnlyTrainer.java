package org.offramp.baselines;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;

/** Trains the heads of early exits on a frozen backbone by the sum of their cross entropies (SDN 2019, "IC-only"). */
final class HeadsOnlyTrainer implements TrainerFactory<HeadsOnlyTrainer.Config> {
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
        return "heads-only";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Named("heads-only", config, session -> {
            session.attachClassifiers();
            int early = session.network().exits() - 1;
            if (early == 0) {
                throw new TrainingException("heads-only: the network has no early exit; name some in backbone.exits");
            }
            Set<Part> parts = new LinkedHashSet<>();
            DoubleUnaryOperator[] weights = new DoubleUnaryOperator[early];
            for (int exit = 1; exit <= early; exit++) {
                parts.add(new Part.OfHead(exit, HeadOutput.LOGITS));
                weights[exit - 1] = progress -> 1;
            }
            session.fit(Phase.of(
                            "heads",
                            parts,
                            session.training(),
                            ExitCrossEntropy.weighted(weights),
                            early,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        });
    }
}
