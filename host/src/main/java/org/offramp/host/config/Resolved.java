package org.offramp.host.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Configuration records as JSON with every default filled in, to be saved with results and read back. */
final class Resolved {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Resolved() {}

    static ObjectNode of(Record config) {
        ObjectNode object = JSON.objectNode();
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            JsonNode value = value(read(config, component));
            if (!value.isNull()) {
                object.set(Names.kebab(component.getName()), value);
            }
        }
        return object;
    }

    private static @Nullable Object read(Record config, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(config);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    private static JsonNode value(@Nullable Object value) {
        if (value instanceof Optional<?> optional) {
            return value(optional.orElse(null));
        } else if (value instanceof Record nested) {
            return of(nested);
        } else if (value instanceof Enum<?> constant) {
            return JSON.textNode(Names.constant(constant));
        } else if (value instanceof List<?> list) {
            ArrayNode array = JSON.arrayNode();
            list.forEach(element -> array.add(value(element)));
            return array;
        } else if (value instanceof Map<?, ?> map) {
            ObjectNode object = JSON.objectNode();
            map.forEach((key, element) -> object.set(String.valueOf(key), value(element)));
            return object;
        } else if (value instanceof Integer number) {
            return JSON.numberNode(number);
        } else if (value instanceof Long number) {
            return JSON.numberNode(number);
        } else if (value instanceof Double number) {
            return Double.isInfinite(number) ? JSON.textNode(number > 0 ? ".inf" : "-.inf") : JSON.numberNode(number);
        } else if (value instanceof Boolean flag) {
            return JSON.booleanNode(flag);
        }
        return value == null ? JSON.nullNode() : JSON.textNode(value.toString());
    }
}
