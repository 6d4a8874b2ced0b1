package org.offramp.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;

/**
 * Uses everything that a plugin brings and that has defaults: policies are fitted and score, backbones and trainers are made, datasets
 * opened.
 */
final class PluginUse {
    private static final int EXITS = 3;
    private static final int CLASSES = 4;

    private final PluginSubject subject;
    private final List<String> outcomes = new ArrayList<>();

    private PluginUse(PluginSubject subject) {
        this.subject = subject;
    }

    /** For every component, in order, whether it could be used, or what was thrown. */
    static List<String> of(PluginSubject subject) {
        PluginUse use = new PluginUse(subject);
        use.components();
        return use.outcomes;
    }

    private void components() {
        subject.plugin()
                .exitPolicies()
                .forEach(factory -> use("exit policy", factory.name(), () -> score(PolicySubject.ofDefaults(factory))));
        subject.plugin()
                .backbones()
                .forEach(factory -> use(
                        "backbone",
                        factory.name(),
                        () -> BackboneSubject.ofDefaults(factory)
                                .create()
                                .stages()
                                .size()));
        subject.plugin()
                .trainers()
                .forEach(factory -> use(
                        "trainer",
                        factory.name(),
                        () -> TrainerSubject.ofDefaults(factory)
                                .create()
                                .getClass()
                                .getName()));
        subject.plugin()
                .datasets()
                .forEach(factory -> use(
                        "dataset",
                        factory.name(),
                        () -> DatasetSubject.ofDefaults(factory).open().train().size()));
    }

    private static int score(PolicySubject<?> policy) {
        ExitPolicy made = policy.policy(EXITS, CLASSES);
        Evidence evidence = GivenEvidence.drawn(EXITS, CLASSES, 5, 1);
        int rows = 0;
        for (int exit = 1; exit <= EXITS; exit++) {
            rows += made.score(evidence.upTo(exit)).size();
        }
        return rows;
    }

    private void use(String kind, String name, Supplier<Object> work) {
        try {
            outcomes.add(kind + " " + name + ": " + work.get());
        } catch (RuntimeException | LinkageError e) {
            outcomes.add(kind + " " + name + ": " + e.getClass().getName() + ": " + e.getMessage());
        }
    }
}
