package org.offramp.commitment;

import java.util.List;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings the commitment trainer and the commitment policy. */
public final class CommitmentPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public CommitmentPlugin() {}

    @Override
    public String name() {
        return "commitment";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new CommitmentTraining());
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of(new CommitmentPolicy());
    }
}
