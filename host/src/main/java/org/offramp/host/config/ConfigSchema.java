package org.offramp.host.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.offramp.api.ComponentFactory;
import org.offramp.api.Key;
import org.offramp.host.data.Normalization;
import org.offramp.host.plugin.PluginRegistry;

/** The JSON Schema (draft 2020-12) of a run's YAML file, generated from the configuration records, for editors. */
public final class ConfigSchema {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final PluginRegistry registry;

    private ConfigSchema(PluginRegistry registry) {
        this.registry = registry;
    }

    /**
     * The schema for what is installed.
     *
     * @param registry the components whose keys are described
     */
    public static ObjectNode of(PluginRegistry registry) {
        ConfigSchema schema = new ConfigSchema(registry);
        ObjectNode root = JSON.objectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "An Offramp run");
        schema.document(root);
        return root;
    }

    private void document(ObjectNode root) {
        ObjectNode keys = keysOf(root);
        keys.set("data", named(registry.datasets(), ""));
        new TreeMap<>(RunConfigLoader.SECTIONS).forEach((key, type) -> keys.set(key, record(type)));
        keys.set("normalize", constants(Normalization.Kind.class));
        ObjectNode defaults = keysOf(keys.putObject("defaults"));
        strategyKeys(defaults);
        ObjectNode strategies = keys.putObject("strategies");
        strategies.put("type", "array").put("minItems", 1);
        ObjectNode strategy = strategies.putObject("items");
        ObjectNode strategyKeys = keysOf(strategy);
        strategy.putArray("required").add("name");
        strategyKeys.putObject("name").put("type", "string").put("pattern", "^[a-z0-9][a-z0-9-]*$");
        strategyKeys(strategyKeys);
        strategyKeys.set("control", record(RunConfig.Control.class));
        ObjectNode seeds = keys.putObject("seeds");
        seeds.put("type", "array").put("minItems", 1).put("uniqueItems", true);
        seeds.putObject("items").put("type", "integer").put("minimum", 0);
        root.putArray("required").add("strategies");
    }

    private void strategyKeys(ObjectNode keys) {
        keys.set("backbone", named(registry.backbones(), "exits"));
        keys.putObject("trainers").put("type", "array").set("items", named(registry.trainers(), ""));
        keys.set("policy", named(registry.policies(), ""));
        ObjectNode calibrate = record(RunConfig.Calibrate.class);
        // One number is written without a list.
        ObjectNode threshold = JSON.objectNode();
        threshold
                .putArray("anyOf")
                .add(JSON.objectNode().put("type", "number"))
                .add(calibrate.at("/properties/threshold"));
        ((ObjectNode) calibrate.get("properties")).set("threshold", threshold);
        keys.set("calibrate", calibrate);
    }

    /** A mapping that names a component and has that component's keys. */
    private static ObjectNode named(Map<String, ? extends ComponentFactory<?>> factories, String alsoExits) {
        ObjectNode schema = JSON.objectNode();
        schema.put("type", "object");
        schema.putArray("required").add("name");
        ArrayNode names = schema.putObject("properties").putObject("name").putArray("enum");
        ArrayNode cases = schema.putArray("allOf");
        new TreeMap<>(factories).forEach((name, factory) -> {
            names.add(name);
            ObjectNode one = cases.addObject();
            one.putObject("if").putObject("properties").putObject("name").put("const", name);
            ObjectNode then = record(factory.configType());
            ObjectNode keys = (ObjectNode) then.get("properties");
            keys.putObject("name");
            if (!alsoExits.isEmpty()) {
                ObjectNode exits = keys.putObject(alsoExits);
                exits.put(
                        "description",
                        "the stages after which early exits are placed; by default every stage but the last");
                exits.put("type", "array");
                exits.putObject("items").put("type", "integer").put("minimum", 1);
            }
            one.set("then", then);
        });
        return schema;
    }

    private static ObjectNode keysOf(ObjectNode schema) {
        schema.put("type", "object").put("additionalProperties", false);
        return schema.putObject("properties");
    }

    private static ObjectNode record(Class<? extends Record> type) {
        ObjectNode schema = JSON.objectNode();
        ObjectNode keys = keysOf(schema);
        ArrayNode required = JSON.arrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = Names.kebab(component.getName());
            ObjectNode value =
                    value(component.getGenericType(), Optional.ofNullable(component.getAnnotation(Key.class)));
            Key key = component.getAnnotation(Key.class);
            if (key != null) {
                value.put("description", key.value());
                if (!key.defaultValue().isEmpty()) {
                    value.put("$comment", "default: " + key.defaultValue());
                }
            }
            boolean optional = component.getType() == Optional.class
                    || (key != null && !key.defaultValue().isEmpty());
            if (!optional) {
                required.add(name);
            }
            keys.set(name, value);
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        return schema;
    }

    private static ObjectNode value(Type type, Optional<Key> key) {
        if (type instanceof ParameterizedType generic) {
            Type argument = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Optional.class) {
                return value(argument, key);
            }
            ObjectNode schema = JSON.objectNode();
            if (generic.getRawType() == Map.class) {
                schema.put("type", "object").set("additionalProperties", value(argument, key));
            } else {
                schema.put("type", "array").set("items", value(argument, key));
            }
            return schema;
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return record(plain.asSubclass(Record.class));
        }
        return plain.isEnum() ? constants(plain) : scalar(plain, key);
    }

    private static ObjectNode constants(Class<?> type) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode names = schema.putArray("enum");
        Arrays.stream(type.getEnumConstants()).forEach(constant -> names.add(Names.constant((Enum<?>) constant)));
        return schema;
    }

    private static ObjectNode scalar(Class<?> type, Optional<Key> key) {
        ObjectNode schema = JSON.objectNode();
        switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> schema.put("type", "integer");
            case "double", "Double" -> schema.put("type", "number");
            case "boolean", "Boolean" -> schema.put("type", "boolean");
            // YAML text may look like a number: a folder named 7.
            default -> schema.putArray("type").add("string").add("number").add("boolean");
        }
        key.filter(bounds -> Double.isFinite(bounds.min())).ifPresent(bounds -> schema.put("minimum", bounds.min()));
        key.filter(bounds -> Double.isFinite(bounds.max())).ifPresent(bounds -> schema.put("maximum", bounds.max()));
        return schema;
    }
}
