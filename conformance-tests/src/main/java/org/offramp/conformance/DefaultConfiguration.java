package org.offramp.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.offramp.api.Key;

/** Makes a configuration record from the defaults of its {@link Key}s. */
public final class DefaultConfiguration {
    private static final YAMLMapper YAML = new YAMLMapper();

    private DefaultConfiguration() {}

    /**
     * The configuration with every key left out.
     *
     * @param type the record's class
     * @throws IllegalArgumentException if a key is undocumented or required, a default cannot be read as its type, or the record
     *     refuses the defaults; the message names the key where it is one key's fault
     */
    public static <C extends Record> C of(Class<C> type) {
        return record(type, YAML.createObjectNode());
    }

    /**
     * The configuration with some keys given and the others left out.
     *
     * @param type the record's class
     * @param given the given keys as in YAML, in flow style, e.g. {@code {epochs: 2}}
     * @throws IllegalArgumentException as {@link #of(Class)}, or if a given key is unknown or cannot be read as its type
     */
    public static <C extends Record> C of(Class<C> type, String given) {
        try {
            JsonNode node = YAML.readTree(given);
            if (!node.isObject()) {
                throw new IllegalArgumentException("'" + given + "' is not a section of keys");
            }
            return record(type, node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("'" + given + "' is not YAML: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * The keys without a default, in the order of the record.
     *
     * @param type the record's class
     */
    public static List<String> requiredKeys(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(DefaultConfiguration::isRequired)
                .map(DefaultConfiguration::key)
                .toList();
    }

    /** The key of a record component: its name in kebab case. */
    static String key(RecordComponent component) {
        return component
                .getName()
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    /** The value of a key that is left out. */
    static Object defaultOf(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        if (key == null) {
            throw new IllegalArgumentException("the key '" + key(component) + "' is not documented: no @Key");
        }
        if (!key.defaultValue().isEmpty()) {
            return parse(component.getGenericType(), yaml(component, key.defaultValue()), key(component));
        }
        if (component.getType() == Optional.class) {
            return Optional.empty();
        }
        throw new IllegalArgumentException("the key '" + key(component) + "' is required: it has no default");
    }

    private static boolean isRequired(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        return key != null && key.defaultValue().isEmpty() && component.getType() != Optional.class;
    }

    private static JsonNode yaml(RecordComponent component, String text) {
        try {
            return YAML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the default of '" + key(component) + "' is not YAML: " + e.getOriginalMessage(), e);
        }
    }

    private static <C extends Record> C record(Class<C> type, JsonNode node) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> keys =
                Arrays.stream(components).map(DefaultConfiguration::key).toList();
        node.fieldNames().forEachRemaining(name -> {
            if (!keys.contains(name)) {
                throw new IllegalArgumentException("unknown key '" + name + "'; " + type.getName() + " has " + keys);
            }
        });
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            JsonNode given = node.get(keys.get(i));
            values[i] = given == null
                    ? defaultOf(components[i])
                    : parse(components[i].getGenericType(), given, keys.get(i));
        }
        return construct(type, components, values);
    }

    private static <C extends Record> C construct(Class<C> type, RecordComponent[] components, Object[] values) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<C> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    type.getName() + " refuses its defaults: "
                            + e.getTargetException().getMessage(),
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " cannot be constructed: " + e, e);
        }
    }

    private static Object parse(Type type, JsonNode node, String key) {
        if (type instanceof ParameterizedType generic) {
            return container(generic, node, key);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord() && node.isObject()) {
            return record(plain.asSubclass(Record.class), node);
        }
        if (plain.isEnum() && node.isTextual()) {
            return constant(plain, node.asText(), key);
        }
        if (plain == String.class && node.isValueNode()) {
            return node.asText();
        }
        return scalar(plain, node).orElseThrow(() -> unreadable(type, node, key));
    }

    private static Optional<Object> scalar(Class<?> type, JsonNode node) {
        if ((type == int.class || type == Integer.class) && node.canConvertToInt() && node.isIntegralNumber()) {
            return Optional.of(node.intValue());
        }
        if ((type == long.class || type == Long.class) && node.isIntegralNumber()) {
            return Optional.of(node.longValue());
        }
        if ((type == double.class || type == Double.class) && node.isNumber()) {
            return Optional.of(node.doubleValue());
        }
        if ((type == boolean.class || type == Boolean.class) && node.isBoolean()) {
            return Optional.of(node.booleanValue());
        }
        return Optional.empty();
    }

    private static Object container(ParameterizedType type, JsonNode node, String key) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            return Optional.of(parse(arguments[0], node, key));
        }
        if (type.getRawType() == List.class && node.isArray()) {
            List<Object> values = new ArrayList<>();
            node.forEach(element -> values.add(parse(arguments[0], element, key)));
            return List.copyOf(values);
        }
        if (type.getRawType() == Map.class && node.isObject()) {
            Map<String, Object> values = new LinkedHashMap<>();
            node.fieldNames()
                    .forEachRemaining(name -> values.put(name, parse(arguments[1], node.get(name), key + "." + name)));
            return values;
        }
        throw unreadable(type, node, key);
    }

    private static Object constant(Class<?> type, String text, String key) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        throw new IllegalArgumentException("the default of '" + key + "' is '" + text + "'; allowed are " + names);
    }

    private static IllegalArgumentException unreadable(Type type, JsonNode node, String key) {
        return new IllegalArgumentException(
                "the default of '" + key + "' is " + node + "; it cannot be read as " + type.getTypeName());
    }
}
