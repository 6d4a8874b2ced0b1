package org.offramp.conformance;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Looks through everything that an object refers to: its fields, captured values, arrays and collections. */
final class Reachable {
    private static final int MOST = 200_000;

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> waiting = new ArrayDeque<>();

    private Reachable(Object root) {
        add(root);
    }

    /** The objects that can be reached from one, itself included, and that are looked for. */
    static List<Object> from(Object root, Predicate<Object> wanted) {
        Reachable reachable = new Reachable(root);
        List<Object> found = new ArrayList<>();
        while (!reachable.waiting.isEmpty() && reachable.seen.size() < MOST) {
            Object next = reachable.waiting.remove();
            if (wanted.test(next)) {
                found.add(next);
            }
            reachable.addPartsOf(next);
        }
        return found;
    }

    private void add(@Nullable Object object) {
        if (object != null && !isPlain(object) && seen.add(object)) {
            waiting.add(object);
        }
    }

    /** Threads, classes and loaders lead everywhere. */
    private static boolean isPlain(Object object) {
        return object instanceof String
                || object instanceof Number
                || object instanceof Boolean
                || object instanceof Enum<?>
                || object instanceof Class<?>
                || object instanceof ClassLoader
                || object instanceof Thread;
    }

    private void addPartsOf(Object object) {
        if (object.getClass().isArray()) {
            for (int i = 0; !object.getClass().getComponentType().isPrimitive() && i < Array.getLength(object); i++) {
                add(Array.get(object, i));
            }
        } else if (object instanceof Collection<?> values) {
            List.copyOf(withoutNull(values)).forEach(this::add);
        } else if (object instanceof Map<?, ?> map) {
            withoutNull(map.keySet()).forEach(this::add);
            withoutNull(map.values()).forEach(this::add);
        } else if (object instanceof Optional<?> optional) {
            optional.ifPresent(this::add);
        } else {
            addFieldsOf(object);
        }
    }

    private static List<Object> withoutNull(Collection<?> values) {
        List<Object> present = new ArrayList<>();
        for (Object value : values) {
            if (value != null) {
                present.add(value);
            }
        }
        return present;
    }

    private void addFieldsOf(Object object) {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !field.getType().isPrimitive()
                        && field.trySetAccessible()) {
                    try {
                        add(field.get(object));
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(field + " was accessible", e);
                    }
                }
            }
        }
    }
}
