package org.offramp.consistentexit;

import java.util.List;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings consistent exit training. */
public final class ConsistentExitPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public ConsistentExitPlugin() {}

    @Override
    public String name() {
        return "consistent-exit";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new ConsistentExitTraining());
    }
}
