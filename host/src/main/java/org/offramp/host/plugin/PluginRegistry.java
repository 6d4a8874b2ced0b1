package org.offramp.host.plugin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.DatasetFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;

/** All usable plugins and their components by name; and what is wrong with the others. */
public final class PluginRegistry {
    /** What names of plugins and components look like. */
    static final String NAME = "[a-z][a-z0-9-]*";

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
        StrategyPlugin plugin = loaded.plugin();
        String name = plugin.getClass().getName();
        try {
            name = plugin.name();
            checkName(name);
            List<ComponentFactory<?>> all = components(plugin);
            checkComponents(all);
            plugins.add(loaded);
            all.forEach(this::put);
        } catch (BrokenPlugin e) {
            problems.add(e.problem(name, loaded.version(), loaded.location()));
        } catch (RuntimeException | LinkageError e) {
            problems.add(Faults.explain(e).problem(name, loaded.version(), loaded.location()));
        }
    }

    /**
     * All components of a plugin: backbones, trainers, exit policies, datasets.
     *
     * @param plugin the plugin
     */
    public static List<ComponentFactory<?>> components(StrategyPlugin plugin) {
        List<ComponentFactory<?>> all = new ArrayList<>();
        all.addAll(plugin.backbones());
        all.addAll(plugin.trainers());
        all.addAll(plugin.exitPolicies());
        all.addAll(plugin.datasets());
        return all;
    }

    private void put(ComponentFactory<?> factory) {
        if (factory instanceof BackboneFactory<?> backbone) {
            backbones.put(factory.name(), backbone);
        } else if (factory instanceof TrainerFactory<?> trainer) {
            trainers.put(factory.name(), trainer);
        } else if (factory instanceof ExitPolicyFactory<?> policy) {
            policies.put(factory.name(), policy);
        } else if (factory instanceof DatasetFactory<?> dataset) {
            datasets.put(factory.name(), dataset);
        }
    }

    private void checkName(String name) throws BrokenPlugin {
        if (!name.matches(NAME)) {
            throw new BrokenPlugin(
                    "its name '" + name + "' does not match " + NAME, "use small letters, digits and hyphens");
        }
        for (LoadedPlugin other : plugins) {
            if (other.plugin().name().equals(name)) {
                throw new BrokenPlugin(
                        "another plugin of the name '" + name + "' is at " + other.location(),
                        "remove one of the two, or rename this one");
            }
        }
    }

    private void checkComponents(List<ComponentFactory<?>> all) throws BrokenPlugin {
        Set<String> seen = new HashSet<>();
        for (ComponentFactory<?> factory : all) {
            String kind = kind(factory);
            String name = factory.name();
            if (!name.matches(NAME)) {
                throw new BrokenPlugin(
                        "the name '" + name + "' of a component (" + kind + ") does not match " + NAME,
                        "use small letters, digits and hyphens");
            }
            if (!seen.add(kind + " " + name)) {
                throw new BrokenPlugin(
                        "it brings the " + kind + " '" + name + "' twice", "rename or remove one of the two");
            }
            for (LoadedPlugin other : plugins) {
                if (components(other.plugin()).stream()
                        .anyMatch(theirs ->
                                kind(theirs).equals(kind) && theirs.name().equals(name))) {
                    throw new BrokenPlugin(
                            "the plugin '" + other.plugin().name() + "' already brings the " + kind + " '" + name + "'",
                            "rename this component, or remove one of the two plugins");
                }
            }
        }
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
