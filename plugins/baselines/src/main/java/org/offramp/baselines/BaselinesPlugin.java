package org.offramp.baselines;

import java.util.List;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings the published baselines: trainers and exit policies. */
public final class BaselinesPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public BaselinesPlugin() {}

    @Override
    public String name() {
        return "baselines";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new JointTraining(), new HeadsOnlyTraining(), new BackboneTraining());
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of(
                new MaxProbability(),
                new EntropyPolicy(),
                new MarginPolicy(),
                new PatiencePolicy(),
                new TemperaturePolicy(),
                new ReliabilityPolicy(),
                new EnsemblePolicy());
    }
}
