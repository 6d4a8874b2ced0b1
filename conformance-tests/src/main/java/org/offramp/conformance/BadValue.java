package org.offramp.conformance;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.Key;

/**
 * A value that a key's documentation excludes.
 *
 * @param key the key
 * @param yaml the configuration that holds it
 */
record BadValue(String key, String yaml) {
    private static final Set<Type> WHOLE = Set.of(int.class, long.class, Integer.class, Long.class);
    private static final Set<Type> NUMBERS =
            Set.of(int.class, long.class, double.class, Integer.class, Long.class, Double.class);

    /** A value below the least, one above the greatest, and one of another type. */
    static List<BadValue> of(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        List<BadValue> bad = new ArrayList<>();
        if (key == null) {
            return bad;
        }
        if (Double.isFinite(key.min())) {
            bad.add(of(component, number(component, key.min() - 1)));
        }
        if (Double.isFinite(key.max())) {
            bad.add(of(component, number(component, key.max() + Math.max(1, Math.abs(key.max())))));
        }
        if (NUMBERS.contains(component.getType()) || component.getType().isEnum()) {
            bad.add(of(component, "surely-not"));
        }
        return bad;
    }

    /** Configurations with a number within the bounds, which the record may still refuse. */
    static List<String> withinBounds(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        List<String> values = new ArrayList<>();
        if (key != null && NUMBERS.contains(component.getType())) {
            for (double value : new double[] {key.min(), key.max(), 0, 1, 2, 3, 4, 0.5}) {
                boolean whole = value == Math.rint(value);
                if (value >= key.min()
                        && value <= key.max()
                        && Double.isFinite(value)
                        && (whole || !WHOLE.contains(component.getType()))) {
                    values.add(of(component, number(component, value)).yaml());
                }
            }
        }
        return values;
    }

    private static BadValue of(RecordComponent component, String value) {
        String key = DefaultConfiguration.key(component);
        return new BadValue(key, "{" + key + ": " + inContainer(component.getGenericType(), value) + "}");
    }

    private static String inContainer(Type type, String value) {
        if (type instanceof ParameterizedType generic) {
            String inner =
                    inContainer(generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1], value);
            return generic.getRawType() == List.class
                    ? "[" + inner + "]"
                    : generic.getRawType() == Optional.class ? inner : "{one: " + inner + "}";
        }
        return value;
    }

    private static String number(RecordComponent component, double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        return whole && !component.getGenericType().getTypeName().contains("ouble")
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
