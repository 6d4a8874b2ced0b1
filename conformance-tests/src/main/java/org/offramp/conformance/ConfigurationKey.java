package org.offramp.conformance;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.ComponentFactory;

/**
 * A key of a component's configuration, nested sections included.
 *
 * @param path says where it is, for messages
 * @param component the record component
 */
record ConfigurationKey(String path, RecordComponent component) {
    private static final Set<Class<?>> SCALARS = Set.of(
            int.class,
            long.class,
            double.class,
            boolean.class,
            String.class,
            Integer.class,
            Long.class,
            Double.class,
            Boolean.class);

    /** All keys of a component's configuration. */
    static List<ConfigurationKey> of(ComponentFactory<?> factory) {
        List<ConfigurationKey> keys = new ArrayList<>();
        collect(factory.configType(), "'" + factory.name() + "', key ", List.of(), keys);
        return keys;
    }

    private static void collect(Class<?> type, String prefix, List<Class<?>> outer, List<ConfigurationKey> keys) {
        if (outer.contains(type)) {
            return;
        }
        List<Class<?>> path = new ArrayList<>(outer);
        path.add(type);
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + DefaultConfiguration.key(component);
            keys.add(new ConfigurationKey(key, component));
            records(component.getGenericType()).forEach(nested -> collect(nested, key + ".", path, keys));
        }
    }

    /** The first type in the key's type that configuration cannot carry, if there is one. */
    Optional<Type> unsupportedType() {
        return unsupported(component.getGenericType());
    }

    private static Optional<Type> unsupported(Type type) {
        if (type instanceof Class<?> plain) {
            return SCALARS.contains(plain) || plain.isEnum() || plain.isRecord() ? Optional.empty() : Optional.of(type);
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class || generic.getRawType() == Optional.class) {
                return unsupported(arguments[0]);
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                return unsupported(arguments[1]);
            }
        }
        return Optional.of(type);
    }

    private static List<Class<?>> records(Type type) {
        if (type instanceof Class<?> plain) {
            return plain.isRecord() ? List.of(plain) : List.of();
        }
        List<Class<?>> records = new ArrayList<>();
        if (type instanceof ParameterizedType generic) {
            for (Type argument : generic.getActualTypeArguments()) {
                records.addAll(records(argument));
            }
        }
        return records;
    }
}
