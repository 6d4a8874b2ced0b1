package org.offramp.host.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.offramp.api.ComponentFactory;
import org.offramp.api.Key;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;

/** {@code docs/components.md} lists every component and key as the records say. {@code -Ddocs.update} writes it anew. */
class ComponentReferenceTest {
    private static final Path FILE = Path.of("..", "docs", "components.md");

    @Test
    void theReferenceSaysWhatTheRecordsSay() throws IOException {
        String reference = reference(PluginFinder.find(List.of(), ComponentReferenceTest.class.getClassLoader()));
        if (System.getProperty("docs.update") != null) {
            Files.writeString(FILE, reference);
        }
        assertThat(FILE).content().as("write it anew with -Ddocs.update").isEqualTo(reference);
    }

    private static String reference(PluginRegistry registry) {
        StringBuilder text = new StringBuilder("""
                # Components and their keys

                Generated from the configuration records by `ComponentReferenceTest`; `./mvnw test -pl host -am -Ddocs.update \
                -Dtest=ComponentReferenceTest -Dsurefire.failIfNoSpecifiedTests=false` writes it anew. How a file is put together:
                [configuration.md](configuration.md).
                """);
        section(text, "Datasets (`data`)", registry.datasets());
        section(text, "Backbones (`backbone`, which takes `exits` too)", registry.backbones());
        section(text, "Trainers (`trainers`)", registry.trainers());
        section(text, "Exit policies (`policy`)", registry.policies());
        return text.toString();
    }

    private static void section(
            StringBuilder text, String title, Map<String, ? extends ComponentFactory<?>> factories) {
        text.append("\n## ").append(title).append('\n');
        new TreeMap<>(factories).forEach((name, factory) -> {
            text.append("\n### `").append(name).append('`');
            if (!factory.capabilities().isEmpty()) {
                text.append(factory.capabilities().stream()
                        .map(Names::constant)
                        .sorted()
                        .collect(Collectors.joining(", ", " (", ")")));
            }
            text.append("\n\n");
            RecordComponent[] keys = factory.configType().getRecordComponents();
            if (keys.length == 0) {
                text.append("No keys.\n");
                return;
            }
            text.append("| key | meaning | default | allowed |\n|---|---|---|---|\n");
            rows(text, "", keys);
        });
    }

    private static void rows(StringBuilder text, String prefix, RecordComponent[] components) {
        for (RecordComponent component : components) {
            String name = prefix + Names.kebab(component.getName());
            Key key = component.getAnnotation(Key.class);
            String meaning = key == null ? "" : key.value();
            text.append("| `")
                    .append(name)
                    .append("` | ")
                    .append(meaning.replace("|", "\\|"))
                    .append(" | ");
            text.append(byDefault(component, key)).append(" | ");
            text.append(allowed(component.getGenericType(), key)).append(" |\n");
            Class<?> inner = plain(component.getGenericType());
            if (inner.isRecord()) {
                rows(text, name + (isList(component.getGenericType()) ? "[]." : "."), inner.getRecordComponents());
            }
        }
    }

    private static String byDefault(RecordComponent component, @org.jspecify.annotations.Nullable Key key) {
        if (key != null && !key.defaultValue().isEmpty()) {
            return "`" + key.defaultValue() + "`";
        }
        return component.getType() == Optional.class ? "–" : "required";
    }

    private static boolean isList(Type type) {
        return type instanceof ParameterizedType generic
                && (generic.getRawType() == List.class
                        || Arrays.stream(generic.getActualTypeArguments()).anyMatch(ComponentReferenceTest::isList));
    }

    private static Class<?> plain(Type type) {
        return type instanceof ParameterizedType generic
                ? plain(generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1])
                : (Class<?>) type;
    }

    private static String allowed(Type type, @org.jspecify.annotations.Nullable Key key) {
        Class<?> plain = plain(type);
        String list = isList(type) ? "list of " : "";
        if (plain.isEnum()) {
            return list
                    + Arrays.stream(plain.getEnumConstants())
                            .map(constant -> "`" + Names.constant((Enum<?>) constant) + "`")
                            .collect(Collectors.joining(", "));
        }
        String word = switch (plain.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "whole number";
            case "double", "Double" -> "number";
            case "boolean", "Boolean" -> "`true`, `false`";
            case "String" -> "text";
            default -> "section";
        };
        return list + word + (key == null ? "" : range(key));
    }

    private static String range(Key key) {
        boolean low = Double.isFinite(key.min());
        boolean high = Double.isFinite(key.max());
        if (low && high) {
            return ", " + number(key.min()) + " to " + number(key.max());
        }
        return low ? ", from " + number(key.min()) : high ? ", up to " + number(key.max()) : "";
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%,d", (long) value)
                : String.valueOf(value);
    }
}
