package org.offramp.host.plugin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.DatasetFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** All usable plugins and their components by name; and what is wrong with the others. */
public final class PluginRegistry {
    private final List<LoadedPlugin> plugins = new ArrayList<>();
    private final List<PluginProblem> problems = new ArrayList<>();
    private final Map<String, BackboneFactory<?>> backbones = new LinkedHashMap<>();
    private final Map<String, TrainerFactory<?>> trainers = new LinkedHashMap<>();
    private final Map<String, ExitPolicyFactory<?>> policies = new LinkedHashMap<>();
    private final Map<String, DatasetFactory<?>> datasets = new LinkedHashMap<>();

    /**
     * Registers plugins. One that breaks a rule of names becomes a problem and the others stay.
     *
     * @param found plugins that could be loaded
     * @param problems what is wrong with those that could not
     */
    public PluginRegistry(List<LoadedPlugin> found, List<PluginProblem> problems) {
        this.problems.addAll(problems);
        found.forEach(this::register);
    }

    private void register(LoadedPlugin loaded) {
        String name = "";
        try {
            StrategyPlugin plugin = loaded.plugin();
            name = plugin.name();
            List<ComponentFactory<?>> all = new ArrayList<>();
            all.addAll(plugin.backbones());
            all.addAll(plugin.trainers());
            all.addAll(plugin.exitPolicies());
            all.addAll(plugin.datasets());
            Optional<String> wrong = check(name, all);
            if (wrong.isPresent()) {
                problems.add(
                        new PluginProblem(name, loaded.location(), wrong.get(), "rename it, or remove one of the two"));
                return;
            }
            plugins.add(loaded);
            plugin.backbones().forEach(factory -> backbones.put(factory.name(), factory));
            plugin.trainers().forEach(factory -> trainers.put(factory.name(), factory));
            plugin.exitPolicies().forEach(factory -> policies.put(factory.name(), factory));
            plugin.datasets().forEach(factory -> datasets.put(factory.name(), factory));
        } catch (RuntimeException | LinkageError e) {
            problems.add(new PluginProblem(
                    name.isEmpty() ? loaded.plugin().getClass().getName() : name,
                    loaded.location(),
                    "it throws " + e + " when asked what it brings",
                    "ask its author, or remove it"));
        }
    }

    private Optional<String> check(String name, List<ComponentFactory<?>> all) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            return Optional.of("its name '" + name + "' does not match [a-z][a-z0-9-]*");
        }
        for (LoadedPlugin other : plugins) {
            if (other.plugin().name().equals(name)) {
                return Optional.of("another plugin of the name '" + name + "' is at " + other.location());
            }
        }
        List<String> seen = new ArrayList<>();
        for (ComponentFactory<?> factory : all) {
            String kind = kind(factory);
            if (!factory.name().matches("[a-z][a-z0-9-]*")) {
                return Optional.of(
                        "the name '" + factory.name() + "' of a " + kind + " does not match [a-z][a-z0-9-]*");
            }
            if (seen.contains(kind + factory.name()) || of(kind).containsKey(factory.name())) {
                return Optional.of("there is another " + kind + " of the name '" + factory.name() + "'");
            }
            seen.add(kind + factory.name());
        }
        return Optional.empty();
    }

    private Map<String, ? extends ComponentFactory<?>> of(String kind) {
        return switch (kind) {
            case "backbone" -> backbones;
            case "trainer" -> trainers;
            case "exit policy" -> policies;
            default -> datasets;
        };
    }

    /**
     * The word for a component's kind.
     *
     * @param factory the component
     */
    public static String kind(ComponentFactory<?> factory) {
        if (factory instanceof BackboneFactory) {
            return "backbone";
        }
        if (factory instanceof TrainerFactory) {
            return "trainer";
        }
        return factory instanceof ExitPolicyFactory ? "exit policy" : "dataset";
    }

    /** The usable plugins. */
    public List<LoadedPlugin> plugins() {
        return List.copyOf(plugins);
    }

    /** What is wrong with the others. */
    public List<PluginProblem> problems() {
        return List.copyOf(problems);
    }

    /** Backbones by name. */
    public Map<String, BackboneFactory<?>> backbones() {
        return backbones;
    }

    /** Trainers by name. */
    public Map<String, TrainerFactory<?>> trainers() {
        return trainers;
    }

    /** Exit policies by name. */
    public Map<String, ExitPolicyFactory<?>> policies() {
        return policies;
    }

    /** Datasets by name. */
    public Map<String, DatasetFactory<?>> datasets() {
        return datasets;
    }
}
