package org.offramp.host.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Key;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Binds YAML mappings to records by their {@link Key}s. */
final class RecordBinder {
    private final Problems problems;

    RecordBinder(Problems problems) {
        this.problems = problems;
    }

    /**
     * Binds a mapping.
     *
     * @param node the mapping
     * @param path its path in the document
     * @param type the record's class
     * @param extra keys that somebody else reads
     * @return the record, or empty where there were problems
     */
    <R extends Record> Optional<R> bind(Node node, String path, Class<R> type, Set<String> extra) {
        int before = problems.lines().size();
        Map<String, Node> given = mapping(node, path);
        RecordComponent[] components = type.getRecordComponents();
        Set<String> keys = new TreeSet<>(extra);
        Arrays.stream(components)
                .map(component -> Names.kebab(component.getName()))
                .forEach(keys::add);
        given.forEach((key, value) -> {
            if (!keys.contains(key)) {
                problems.add(value, join(path, key), "unknown key '" + key + "'" + Problems.allowed(key, keys));
            }
        });
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            String key = Names.kebab(components[i].getName());
            types[i] = components[i].getType();
            values[i] = component(components[i], Optional.ofNullable(given.get(key)), node, join(path, key));
        }
        return problems.lines().size() > before ? Optional.empty() : construct(node, path, type, types, values);
    }

    private @Nullable Object component(RecordComponent component, Optional<Node> given, Node parent, String path) {
        Key key = component.getAnnotation(Key.class);
        Type type = component.getGenericType();
        Node node;
        if (given.isPresent()) {
            node = given.get();
        } else if (component.getType() == Optional.class) {
            return Optional.empty();
        } else if (key == null || key.defaultValue().isEmpty()) {
            problems.add(parent, path, "is missing" + (key == null ? "" : ": " + key.value()));
            return null;
        } else {
            node = YamlReader.fragment(key.defaultValue(), "the default of " + path);
        }
        Object value = value(node, path, type);
        checkRange(node, path, key, value);
        return value;
    }

    private @Nullable Object value(Node node, String path, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type argument = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Optional.class) {
                return Optional.ofNullable(value(node, path, argument));
            }
            if (generic.getRawType() == List.class) {
                return list(node, path, argument);
            }
            Map<String, Object> map = new LinkedHashMap<>();
            mapping(node, path).forEach((key, value) -> {
                Object bound = value(value, join(path, key), argument);
                if (bound != null) {
                    map.put(key, bound);
                }
            });
            return map;
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return bind(node, path, plain.asSubclass(Record.class), Set.of()).orElse(null);
        }
        return scalar(node, path, plain);
    }

    private @Nullable List<Object> list(Node node, String path, Type type) {
        if (!(node instanceof SequenceNode sequence)) {
            problems.add(node, path, shown(node) + " is not a list");
            return null;
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Object value = value(sequence.getValue().get(i), path + "[" + i + "]", type);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private @Nullable Object scalar(Node node, String path, Class<?> type) {
        if (!(node instanceof ScalarNode scalar)) {
            problems.add(node, path, shown(node) + " is not " + word(type));
            return null;
        }
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        boolean whole = tag.equals(Tag.INT);
        boolean number = whole || tag.equals(Tag.FLOAT);
        try {
            if (type == String.class && !tag.equals(Tag.NULL)) {
                return text;
            }
            if (type == boolean.class || type == Boolean.class) {
                if (tag.equals(Tag.BOOL)) {
                    return Boolean.parseBoolean(text);
                }
            } else if ((type == int.class || type == Integer.class) && whole) {
                return Integer.parseInt(text.replace("_", ""));
            } else if ((type == long.class || type == Long.class) && whole) {
                return Long.parseLong(text.replace("_", ""));
            } else if ((type == double.class || type == Double.class) && number) {
                return parseDouble(text);
            } else if (type.isEnum()) {
                return constant(node, path, text, type);
            }
        } catch (NumberFormatException e) {
            problems.add(node, path, text + " is not " + word(type) + " that fits");
            return null;
        }
        problems.add(node, path, shown(node) + " is not " + word(type));
        return null;
    }

    private static double parseDouble(String text) {
        return switch (text) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text.replace("_", ""));
        };
    }

    private @Nullable Object constant(Node node, String path, String text, Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = Names.constant((Enum<?>) constant);
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        problems.add(node, path, "'" + text + "'" + Problems.allowed(text, names));
        return null;
    }

    private void checkRange(Node node, String path, @Nullable Key key, @Nullable Object value) {
        if (key == null) {
            return;
        }
        if (value instanceof Optional<?> optional) {
            checkRange(node, path, key, optional.orElse(null));
        } else if (value instanceof List<?> list) {
            list.forEach(element -> checkRange(node, path, key, element));
        } else if (value instanceof Number number
                && !(number.doubleValue() >= key.min() && number.doubleValue() <= key.max())) {
            problems.add(
                    node, path, number + " is out of range; allowed: " + plain(key.min()) + " to " + plain(key.max()));
        }
    }

    private static String plain(double bound) {
        if (Double.isInfinite(bound)) {
            return "anything";
        }
        return bound == Math.rint(bound) && Math.abs(bound) < 1e15
                ? String.valueOf((long) bound)
                : String.valueOf(bound);
    }

    private <R extends Record> Optional<R> construct(
            Node node, String path, Class<R> type, Class<?>[] types, Object[] values) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(values));
        } catch (InvocationTargetException e) {
            problems.add(
                    node,
                    path,
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the record " + type + " cannot be made", e);
        }
    }

    /** The entries of a mapping, in order; a problem where it is none. */
    Map<String, Node> mapping(Node node, String path) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            problems.add(node, path, shown(node) + " is not a section of keys");
            return entries;
        }
        mapping.getValue().forEach(tuple -> {
            String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            problems.note(tuple.getValueNode(), join(path, key));
            if (entries.put(key, tuple.getValueNode()) != null) {
                problems.add(tuple.getKeyNode(), join(path, key), "the key is given twice");
            }
        });
        return entries;
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    static String shown(Node node) {
        return node instanceof ScalarNode scalar
                ? "'" + scalar.getValue() + "'"
                : node instanceof SequenceNode ? "a list" : "a section";
    }

    private static String word(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "a whole number";
            case "double", "Double" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "String" -> "a text";
            default -> "one value";
        };
    }
}
