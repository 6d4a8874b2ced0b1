package org.offramp.baselines;

import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;

/** {@code joint}: backbone and all heads at once by the weighted sum of the exits' cross entropies (BranchyNet 2016). */
public final class JointTraining implements TrainerFactory<ExitTraining> {
    @Override
    public String name() {
        return "joint";
    }

    @Override
    public Class<ExitTraining> configType() {
        return ExitTraining.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.TRAINS_BACKBONE);
    }

    @Override
    public ExitTrainer create(ExitTraining config) {
        return new Joint(config);
    }

    private record Joint(ExitTraining config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            int exits = session.network().exits();
            session.fit(Phase.of(
                            "joint",
                            parts(exits),
                            config.of(session),
                            WeightedLoss.of(config, session.network(), exits),
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        }

        private static Set<Part> parts(int exits) {
            Set<Part> parts = Part.stages(1, exits);
            parts.addAll(Part.heads(HeadOutput.LOGITS, 1, exits - 1));
            return parts;
        }
    }
}
