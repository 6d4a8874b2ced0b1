package org.offramp.quicknet;

import java.util.List;
import org.offramp.api.BackboneFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings the QuickNet architecture and the QuickNets training. */
public final class QuickNetPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public QuickNetPlugin() {}

    @Override
    public String name() {
        return "quicknet";
    }

    @Override
    public List<BackboneFactory<?>> backbones() {
        return List.of(new QuickNetBackbone());
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new QuickNetsTraining());
    }
}
