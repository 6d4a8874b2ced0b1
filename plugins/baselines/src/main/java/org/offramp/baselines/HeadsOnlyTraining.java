package org.offramp.baselines;

import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/**
 * {@code heads-only}: the early exits' heads by the weighted sum of their cross entropies, with the backbone frozen (SDN's
 * "IC-only" training, Kaya et al. 2019). A network without early exits is left as it is.
 */
public final class HeadsOnlyTraining implements TrainerFactory<ExitTraining> {
    @Override
    public String name() {
        return "heads-only";
    }

    @Override
    public Class<ExitTraining> configType() {
        return ExitTraining.class;
    }

    @Override
    public ExitTrainer create(ExitTraining config) {
        return new HeadsOnly(config);
    }

    private record HeadsOnly(ExitTraining config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            int exits = session.network().exits();
            if (exits == 1) {
                return;
            }
            int early = exits - 1;
            session.fit(Phase.of(
                            "heads-only",
                            Part.heads(HeadOutput.LOGITS, 1, exits - 1),
                            config.of(session),
                            WeightedLoss.of(config, session.network(), early),
                            early,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        }
    }
}
