package org.offramp.e2cm;

import java.util.List;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** Brings class means, exits trained on top of them, means of clusters, and their policy. */
public final class E2cmPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public E2cmPlugin() {}

    @Override
    public String name() {
        return "e2cm";
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return List.of(new E2cmTraining(), new FusedHeadsTraining(), new ClustersTraining());
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return List.of(new E2cmPolicy());
    }
}
