package org.offramp.sidenet;

import java.util.List;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings the SideNet trainer. */
public final class SideNetPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public SideNetPlugin() {}

    @Override
    public String name() {
        return "sidenet";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new SideNetTraining());
    }
}
