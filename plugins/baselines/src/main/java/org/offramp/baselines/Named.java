package org.offramp.baselines;

import org.offramp.api.ExitTrainer;
import org.offramp.api.TrainingSession;

/** A trainer whose {@code toString} shows its hyper-parameters. */
record Named(String name, Record config, ExitTrainer trainer) implements ExitTrainer {
    @Override
    public void train(TrainingSession session) {
        trainer.train(session);
    }

    @Override
    public String toString() {
        return name + config.toString().replaceFirst("^Config", "");
    }
}
