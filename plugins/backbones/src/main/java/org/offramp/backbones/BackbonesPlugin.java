package org.offramp.backbones;

import java.util.List;
import org.offramp.api.BackboneFactory;
import org.offramp.api.StrategyPlugin;

/** Brings the backbones that come with Offramp. */
public final class BackbonesPlugin implements StrategyPlugin {
    @Override
    public String name() {
        return "backbones";
    }

    @Override
    public List<BackboneFactory<?>> backbones() {
        return List.of(
                new ConvNetFactory(),
                new DarknetFactory(),
                new ResidualFactory(),
                new Conv1dFactory(),
                new MlpFactory());
    }
}
