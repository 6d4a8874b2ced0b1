package org.offramp.conformance;

import java.util.List;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.DatasetFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** A plugin whose name and components a test gives; named in the service file of the tests. */
public final class GivenPlugin implements StrategyPlugin {
    private final String name;
    private final List<ComponentFactory<?>> components;

    /** The example that passes every rule. */
    public GivenPlugin() {
        this("given", List.of(GivenPolicy.rightFactory(), new GivenBackbone(), new GivenTrainer(), new GivenDataset()));
    }

    GivenPlugin(String name, List<ComponentFactory<?>> components) {
        this.name = name;
        this.components = List.copyOf(components);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ExitPolicyFactory<?>> exitPolicies() {
        return components.stream()
                .filter(ExitPolicyFactory.class::isInstance)
                .<ExitPolicyFactory<?>>map(factory -> (ExitPolicyFactory<?>) factory)
                .toList();
    }

    @Override
    public List<BackboneFactory<?>> backbones() {
        return components.stream()
                .filter(BackboneFactory.class::isInstance)
                .<BackboneFactory<?>>map(factory -> (BackboneFactory<?>) factory)
                .toList();
    }

    @Override
    public List<TrainerFactory<?>> trainers() {
        return components.stream()
                .filter(TrainerFactory.class::isInstance)
                .<TrainerFactory<?>>map(factory -> (TrainerFactory<?>) factory)
                .toList();
    }

    @Override
    public List<DatasetFactory<?>> datasets() {
        return components.stream()
                .filter(DatasetFactory.class::isInstance)
                .<DatasetFactory<?>>map(factory -> (DatasetFactory<?>) factory)
                .toList();
    }
}
