package org.offramp.baselines;

import java.util.List;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings the published baselines. */
public final class BaselinesPlugin implements StrategyPlugin {
    @Override
    public String name() {
        return "baselines";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new JointTrainer(), new HeadsOnlyTrainer(), new BackboneTrainer());
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of(
                new MaxProbabilityPolicy(),
                new EntropyPolicy(),
                new MarginPolicy(),
                new PatiencePolicy(),
                new TemperaturePolicy());
    }
}
