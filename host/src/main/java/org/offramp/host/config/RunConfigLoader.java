package org.offramp.host.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.DatasetFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.TrainerFactory;
import org.offramp.host.config.RunConfig.BackboneChoice;
import org.offramp.host.config.RunConfig.Calibrate;
import org.offramp.host.config.RunConfig.Control;
import org.offramp.host.config.RunConfig.DatasetChoice;
import org.offramp.host.config.RunConfig.Execution;
import org.offramp.host.config.RunConfig.PolicyChoice;
import org.offramp.host.config.RunConfig.Robustness;
import org.offramp.host.config.RunConfig.Splits;
import org.offramp.host.config.RunConfig.Strategy;
import org.offramp.host.config.RunConfig.TrainerChoice;
import org.offramp.host.data.Normalization;
import org.offramp.host.plugin.PluginRegistry;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Binds a run's YAML file: the outer document first, then each section with the factory that it names. */
public final class RunConfigLoader {
    /** The sections of the document that are records of their own. */
    static final Map<String, Class<? extends Record>> SECTIONS =
            Map.of("splits", Splits.class, "execution", Execution.class, "robustness", Robustness.class);

    static final Set<String> KEYS =
            Set.of("data", "splits", "normalize", "defaults", "strategies", "seeds", "execution", "robustness");
    private static final Set<String> STRATEGY_KEYS =
            Set.of("name", "backbone", "trainers", "policy", "calibrate", "control");
    private static final Set<String> DEFAULT_KEYS = Set.of("backbone", "trainers", "policy", "calibrate");

    private final PluginRegistry registry;
    private final Problems problems;
    private final RecordBinder binder;

    private RunConfigLoader(PluginRegistry registry, String file) {
        this.registry = registry;
        this.problems = new Problems(file);
        this.binder = new RecordBinder(problems);
    }

    /**
     * Loads a file.
     *
     * @param file the file
     * @param changes {@code path=value} changes, applied in order
     * @param registry the components
     * @throws ConfigurationException with every problem of the file
     */
    public static RunConfig load(Path file, List<String> changes, PluginRegistry registry) {
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString(), changes, registry);
        } catch (IOException e) {
            throw new ConfigurationException(List.of(file + ": cannot be read: " + e.getMessage()));
        }
    }

    /**
     * Binds a text.
     *
     * @param text YAML or JSON
     * @param name the name in messages
     * @param changes {@code path=value} changes, applied in order
     * @param registry the components
     * @throws ConfigurationException with every problem of the text
     */
    public static RunConfig parse(String text, String name, List<String> changes, PluginRegistry registry) {
        Node root = YamlReader.read(text, name);
        changes.forEach(change -> YamlReader.set(root, change));
        RunConfigLoader loader = new RunConfigLoader(registry, name);
        Optional<RunConfig> config = loader.document(root);
        loader.problems.throwIfAny();
        return config.orElseThrow(() -> new IllegalStateException("no problem and no configuration"));
    }

    /**
     * Binds the section of an exit policy alone.
     *
     * @param text its section as YAML or JSON
     * @param name the name in messages
     * @param registry the components
     * @throws ConfigurationException with every problem of the section
     */
    public static PolicyChoice policy(String text, String name, PluginRegistry registry) {
        RunConfigLoader loader = new RunConfigLoader(registry, name);
        Optional<PolicyChoice> policy = loader.policy(YamlReader.read(text, name), "policy");
        loader.problems.throwIfAny();
        return policy.orElseThrow(() -> new IllegalStateException("no problem and no policy"));
    }

    /**
     * Binds the section of a dataset alone.
     *
     * @param text its section as YAML or JSON
     * @param name the name in messages
     * @param registry the components
     * @throws ConfigurationException with every problem of the section
     */
    public static DatasetChoice dataset(String text, String name, PluginRegistry registry) {
        RunConfigLoader loader = new RunConfigLoader(registry, name);
        Optional<DatasetChoice> dataset = loader.data(YamlReader.read(text, name));
        loader.problems.throwIfAny();
        return dataset.orElseThrow(() -> new IllegalStateException("no problem and no dataset"));
    }

    /**
     * Binds one component's keys, as its section of a run's file would be bound.
     *
     * @param factory the component
     * @param keys its keys as in YAML, without the name
     * @throws ConfigurationException with every problem of the section
     */
    public static <C extends Record> C bind(ComponentFactory<C> factory, String keys) {
        Problems problems = new Problems(factory.name());
        Node section = YamlReader.read(keys, factory.name());
        Optional<C> config = new RecordBinder(problems).bind(section, factory.name(), factory.configType(), Set.of());
        problems.throwIfAny();
        return config.orElseThrow(() -> new IllegalStateException("no problem and no configuration"));
    }

    private Optional<RunConfig> document(Node root) {
        Map<String, Node> keys = section(root, "", KEYS);
        Optional<DatasetChoice> data = data(keys.getOrDefault("data", YamlReader.fragment("{name: glyphs}", "data")));
        Optional<Splits> splits = record(keys, "splits", Splits.class);
        Optional<Execution> execution = record(keys, "execution", Execution.class);
        Optional<Robustness> robustness = record(keys, "robustness", Robustness.class);
        Normalization.Kind normalize = normalize(keys);
        List<Long> seeds = seeds(keys);
        Map<String, Node> defaults =
                keys.containsKey("defaults") ? section(keys.get("defaults"), "defaults", DEFAULT_KEYS) : Map.of();
        List<Strategy> strategies = strategies(root, keys, defaults);
        if (!problems.isEmpty() || data.isEmpty() || splits.isEmpty() || execution.isEmpty() || robustness.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode resolved = JsonNodeFactory.instance.objectNode();
        resolved.set("data", data.get().resolved());
        resolved.set("splits", Resolved.of(splits.get()));
        resolved.put("normalize", Names.constant(normalize));
        resolved.set("execution", Resolved.of(execution.get()));
        resolved.set("robustness", Resolved.of(robustness.get()));
        ArrayNode rows = resolved.putArray("strategies");
        strategies.forEach(strategy -> rows.add(strategy.resolved()));
        ArrayNode numbers = resolved.putArray("seeds");
        seeds.forEach(numbers::add);
        return Optional.of(new RunConfig(
                data.get(),
                splits.get(),
                normalize,
                strategies,
                seeds,
                execution.get(),
                robustness.get(),
                resolved,
                problems.places()));
    }

    private Map<String, Node> section(Node node, String path, Set<String> allowed) {
        Map<String, Node> entries = binder.mapping(node, path);
        entries.forEach((key, value) -> {
            if (!allowed.contains(key)) {
                problems.add(
                        value,
                        RecordBinder.join(path, key),
                        "unknown key '" + key + "'"
                                + Problems.allowed(
                                        key, allowed.stream().sorted().toList()));
            }
        });
        return entries;
    }

    private <R extends Record> Optional<R> record(Map<String, Node> keys, String key, Class<R> type) {
        return binder.bind(keys.getOrDefault(key, YamlReader.fragment("{}", key)), key, type, Set.of());
    }

    private Normalization.Kind normalize(Map<String, Node> keys) {
        Node node = keys.get("normalize");
        String value = node == null ? "channel" : node instanceof ScalarNode scalar ? scalar.getValue() : "";
        Map<String, Normalization.Kind> kinds = new LinkedHashMap<>();
        for (Normalization.Kind kind : Normalization.Kind.values()) {
            kinds.put(Names.constant(kind), kind);
        }
        Normalization.Kind kind = kinds.get(value);
        if (kind == null && node != null) {
            problems.add(
                    node, "normalize", RecordBinder.shown(node) + Problems.allowed(value, List.copyOf(kinds.keySet())));
        }
        return kind == null ? Normalization.Kind.CHANNEL : kind;
    }

    private List<Long> seeds(Map<String, Node> keys) {
        Node node = keys.get("seeds");
        if (node == null) {
            return List.of(1L);
        }
        List<Long> seeds = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                String text = element instanceof ScalarNode scalar ? scalar.getValue() : "";
                if (text.matches("\\d{1,18}") && !seeds.contains(Long.valueOf(text))) {
                    seeds.add(Long.valueOf(text));
                } else {
                    problems.add(
                            element,
                            "seeds",
                            RecordBinder.shown(element) + "; whole numbers from 0 on are allowed, each once");
                }
            }
        }
        if (seeds.isEmpty()) {
            problems.add(node, "seeds", RecordBinder.shown(node) + "; a list with at least one seed is needed");
        }
        return seeds;
    }

    private List<Strategy> strategies(Node root, Map<String, Node> keys, Map<String, Node> defaults) {
        Node node = keys.get("strategies");
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
            problems.add(node == null ? root : node, "strategies", "a list with at least one strategy is needed");
            return List.of();
        }
        List<Strategy> strategies = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        Map<String, Node> likes = new LinkedHashMap<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            String path = "strategies[" + i + "]";
            Node entry = sequence.getValue().get(i);
            Map<String, Node> given = new LinkedHashMap<>(section(entry, path, STRATEGY_KEYS));
            String name = name(entry, given, path, names);
            strategy(entry, path, name, given, defaults).ifPresent(strategy -> {
                strategies.add(strategy);
                strategy.control()
                        .filter(control -> !control.like().isEmpty())
                        .ifPresent(control -> likes.put(control.like(), given.getOrDefault("control", entry)));
            });
        }
        likes.forEach((like, place) -> {
            if (!names.contains(like)) {
                problems.add(
                        place, "control.like", "there is no strategy '" + like + "'" + Problems.allowed(like, names));
            }
        });
        return strategies;
    }

    private String name(Node entry, Map<String, Node> given, String path, Set<String> names) {
        String name = given.get("name") instanceof ScalarNode scalar ? scalar.getValue() : "";
        Node place = given.getOrDefault("name", entry);
        if (!name.matches("[a-z0-9][a-z0-9-]*")) {
            problems.add(place, path + ".name", "'" + name + "'; small letters, digits and hyphens are allowed");
        } else if (!names.add(name)) {
            problems.add(place, path + ".name", "there are two strategies of the name '" + name + "'");
        }
        return name;
    }

    private Optional<Strategy> strategy(
            Node entry, String path, String name, Map<String, Node> given, Map<String, Node> defaults) {
        boolean isControl = given.containsKey("control");
        Map<String, Node> keys = new LinkedHashMap<>(given);
        defaults.forEach((key, value) -> {
            if (!isControl || !(key.equals("policy") || key.equals("calibrate"))) {
                keys.putIfAbsent(key, value);
            }
        });
        if (isControl && (given.containsKey("policy") || given.containsKey("calibrate"))) {
            problems.add(entry, path, "a control has neither policy nor calibrate");
        }
        Optional<BackboneChoice> backbone =
                required(entry, path, keys, "backbone").flatMap(node -> backbone(node, path));
        List<TrainerChoice> trainers = required(entry, path, keys, "trainers")
                .map(node -> trainers(node, path + ".trainers"))
                .orElse(List.of());
        Optional<Control> control = Optional.ofNullable(given.get("control"))
                .flatMap(node -> binder.bind(node, path + ".control", Control.class, Set.of()));
        Optional<PolicyChoice> policy = isControl
                ? Optional.empty()
                : required(entry, path, keys, "policy").flatMap(node -> policy(node, path + ".policy"));
        Optional<Calibrate> calibrate = isControl
                ? Optional.empty()
                : required(entry, path, keys, "calibrate").flatMap(node -> calibrate(node, path + ".calibrate"));
        if (!problems.isEmpty() || backbone.isEmpty()) {
            return Optional.empty();
        }
        backbone.get().exits().ifPresent(exits -> {
            int thresholds =
                    calibrate.flatMap(Calibrate::threshold).map(List::size).orElse(1);
            if (thresholds != 1 && thresholds != exits.size()) {
                problems.add(
                        keys.getOrDefault("calibrate", entry),
                        path + ".calibrate.threshold",
                        thresholds + " thresholds for " + exits.size() + " early exits; give one, or one each");
            }
        });
        ObjectNode resolved = JsonNodeFactory.instance.objectNode();
        resolved.put("name", name);
        resolved.set("backbone", backbone.get().resolved());
        ArrayNode chain = resolved.putArray("trainers");
        trainers.forEach(trainer -> chain.add(trainer.resolved()));
        policy.ifPresent(choice -> resolved.set("policy", choice.resolved()));
        calibrate.ifPresent(goal -> resolved.set("calibrate", Resolved.of(goal)));
        control.ifPresent(choice -> resolved.set("control", Resolved.of(choice)));
        return Optional.of(new Strategy(name, path, backbone.get(), trainers, policy, calibrate, control, resolved));
    }

    private Optional<Node> required(Node entry, String path, Map<String, Node> keys, String key) {
        Node node = keys.get(key);
        if (node == null) {
            problems.add(entry, path + "." + key, "is missing, here and in defaults");
        }
        return Optional.ofNullable(node);
    }

    /** The threshold may be one number; the record takes a list. */
    private Optional<Calibrate> calibrate(Node node, String path) {
        binder.mapping(node, path).forEach((key, value) -> {
            if (key.equals("threshold") && value instanceof ScalarNode scalar) {
                YamlReader.set(node, "threshold=[" + scalar.getValue() + "]");
            }
        });
        return binder.bind(node, path, Calibrate.class, Set.of());
    }

    private List<TrainerChoice> trainers(Node node, String path) {
        List<TrainerChoice> trainers = new ArrayList<>();
        if (!(node instanceof SequenceNode sequence)) {
            problems.add(node, path, RecordBinder.shown(node) + " is not a list of trainers");
            return trainers;
        }
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Node entry = sequence.getValue().get(i);
            String at = path + "[" + i + "]";
            factory(entry, at, "trainer", registry.trainers())
                    .flatMap(found -> trainer(entry, at, found))
                    .ifPresent(trainers::add);
        }
        return trainers;
    }

    private <C extends Record> Optional<TrainerChoice> trainer(Node node, String path, TrainerFactory<C> factory) {
        return binder.bind(node, path, factory.configType(), Set.of("name"))
                .map(config -> new TrainerChoice(
                        factory.name(), named(factory, config), factory.capabilities(), () -> factory.create(config)));
    }

    private Optional<DatasetChoice> data(Node node) {
        return factory(node, "data", "dataset", registry.datasets()).flatMap(factory -> data(node, factory));
    }

    private <C extends Record> Optional<DatasetChoice> data(Node node, DatasetFactory<C> factory) {
        return binder.bind(node, "data", factory.configType(), Set.of("name"))
                .map(config -> new DatasetChoice(
                        factory.name(),
                        named(factory, config),
                        source -> LocatedDataset.open(problems.places(), () -> factory.open(config, source)),
                        files -> factory.textEncoding(config, files)));
    }

    private Optional<BackboneChoice> backbone(Node node, String path) {
        return factory(node, path + ".backbone", "backbone", registry.backbones())
                .flatMap(factory -> backbone(node, path + ".backbone", factory));
    }

    private <C extends Record> Optional<BackboneChoice> backbone(Node node, String path, BackboneFactory<C> factory) {
        Optional<List<Integer>> exits =
                Optional.ofNullable(binder.mapping(node, path).get("exits")).map(list -> exits(list, path + ".exits"));
        return binder.bind(node, path, factory.configType(), Set.of("name", "exits"))
                .map(config -> {
                    ObjectNode resolved = named(factory, config);
                    exits.ifPresent(list -> {
                        ArrayNode array = resolved.putArray("exits");
                        list.forEach(array::add);
                    });
                    return new BackboneChoice(
                            factory.name(),
                            resolved,
                            factory.capabilities(),
                            exits,
                            (shape, classes) -> factory.create(config, shape, classes));
                });
    }

    private List<Integer> exits(Node node, String path) {
        List<Integer> exits = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                String text = element instanceof ScalarNode scalar ? scalar.getValue() : "";
                int previous = exits.isEmpty() ? 0 : exits.get(exits.size() - 1);
                if (!text.matches("\\d{1,6}") || Integer.parseInt(text) <= previous) {
                    problems.add(
                            element,
                            path,
                            RecordBinder.shown(element) + "; stage numbers from 1 on in ascending order are allowed");
                    return exits;
                }
                exits.add(Integer.valueOf(text));
            }
        } else {
            problems.add(node, path, RecordBinder.shown(node) + " is not a list of stage numbers");
        }
        return exits;
    }

    private Optional<PolicyChoice> policy(Node node, String path) {
        return factory(node, path, "exit policy", registry.policies()).flatMap(factory -> policy(node, path, factory));
    }

    private <C extends Record> Optional<PolicyChoice> policy(Node node, String path, ExitPolicyFactory<C> factory) {
        return binder.bind(node, path, factory.configType(), Set.of("name"))
                .map(config -> new PolicyChoice(
                        factory.name(),
                        named(factory, config),
                        factory.capabilities(),
                        (trace, random) -> factory.fit(config, trace, random),
                        state -> factory.create(config, state)));
    }

    private <F> Optional<F> factory(Node node, String path, String kind, Map<String, F> factories) {
        Node named = binder.mapping(node, path).get("name");
        String name = named instanceof ScalarNode scalar ? scalar.getValue() : "";
        F factory = factories.get(name);
        if (factory == null) {
            if (named != null) {
                problems.suspect(registry.problems());
            }
            problems.add(
                    named == null ? node : named,
                    path + ".name",
                    (named == null
                                    ? "the name of a " + kind + " is missing"
                                    : "there is no " + kind + " '" + name + "'")
                            + Problems.allowed(
                                    name, factories.keySet().stream().sorted().toList()));
        }
        return Optional.ofNullable(factory);
    }

    private static ObjectNode named(ComponentFactory<?> factory, Record config) {
        ObjectNode resolved = JsonNodeFactory.instance.objectNode();
        resolved.put("name", factory.name());
        resolved.setAll(Resolved.of(config));
        return resolved;
    }
}
