package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Capability;
import org.offramp.api.ComponentFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.Key;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfigLoader;

/** The rules of packaging, names and configuration, group K, over all components of a plugin, trainers included. */
public abstract class PackagingConformance extends Conformance<PluginSubject> {
    private static final String SERVICE_FILE = "META-INF/services/" + StrategyPlugin.class.getName();
    private static final String NAME = "[a-z][a-z0-9-]*";

    /** For subclasses. */
    protected PackagingConformance() {}

    /** The service loader finds nothing without it, and says nothing. */
    @Rule(
            id = "K-01",
            sentence = "A plugin MUST name its class in META-INF/services/org.offramp.api.StrategyPlugin.",
            ifThisFailsCheck =
                    "the file's name and place in the jar (src/main/resources), and that it holds the binary class name: a"
                            + " nested class has a $.")
    public final void theServiceFileNamesTheClass() {
        assertThat(providers(subject.loader()))
                .as("classes named in " + SERVICE_FILE)
                .contains(subject.plugin().getClass().getName());
    }

    /** The host constructs every plugin before it knows whether it is used. */
    @Rule(
            id = "K-02",
            sentence =
                    "A plugin's class MUST be public and have a public constructor without parameters that does not throw.",
            ifThisFailsCheck =
                    "the modifiers of class and constructor, and that loading of files or libraries waits until a component"
                            + " is made.")
    public final void thePluginCanBeConstructed() {
        Class<?> type = subject.plugin().getClass();
        assertThat(Modifier.isPublic(type.getModifiers()))
                .as(type.getName() + " is public")
                .isTrue();
        assertThatCode(() -> construct(type))
                .as("the public constructor of " + type.getName() + " without parameters")
                .doesNotThrowAnyException();
    }

    private static void construct(Class<?> type) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getConstructor();
        constructor.newInstance();
    }

    /** The name is a directory and stands in messages. */
    @Rule(
            id = "K-03",
            sentence = "A plugin's name MUST match [a-z][a-z0-9-]*.",
            ifThisFailsCheck = "for capital letters, underscores, dots and spaces in name().")
    public final void thePluginsNameMatches() {
        assertThat(subject.plugin().name()).as("the plugin's name").matches(NAME);
    }

    /** The name is what a user writes in YAML. */
    @Rule(
            id = "K-04",
            sentence = "A component's name MUST match [a-z][a-z0-9-]*.",
            ifThisFailsCheck = "for capital letters, underscores, dots and spaces in the factory's name().")
    public final void componentNamesMatch() {
        assertThat(subject.components().map(ComponentFactory::name))
                .as("component names")
                .allMatch(name -> name.matches(NAME));
    }

    /** A name selects one factory. */
    @Rule(
            id = "K-05",
            sentence = "Component names MUST be unique among the components of one kind.",
            ifThisFailsCheck = "for a factory listed twice, and for a name left from a copied class.")
    public final void componentNamesAreUnique() {
        for (PluginSubject.Kind kind : subject.kinds()) {
            assertThat(kind.names()).as(kind.name() + " names").doesNotHaveDuplicates();
        }
    }

    /** An empty plugin is a mistake that would pass every other rule. */
    @Rule(
            id = "K-06",
            sentence = "A plugin MUST bring at least one component.",
            ifThisFailsCheck =
                    "that the method of the right kind is overridden: backbones, trainers, exitPolicies or datasets.")
    public final void thereIsAComponent() {
        assertThat(subject.components()).as("components").isNotEmpty();
    }

    /** The host asks more than once. */
    @Rule(
            id = "K-07",
            sentence = "A plugin MUST name the same components at every call.",
            ifThisFailsCheck = "for lists that are filled by calls, or that depend on the environment.")
    public final void componentsAreTheSameAtEveryCall() {
        List<List<String>> first =
                subject.kinds().stream().map(PluginSubject.Kind::names).toList();
        assertThat(subject.kinds().stream().map(PluginSubject.Kind::names).toList())
                .as("component names at the second call")
                .isEqualTo(first);
    }

    /** The reference, the editor and the messages are made from the documentation. */
    @Rule(
            id = "K-08",
            sentence = "Every key of a configuration MUST be documented: a record component with @Key and a text.",
            ifThisFailsCheck = "for a record component, or one of a nested record, without @Key or with a blank text.")
    public final void keysAreDocumented() {
        forEachKey(subject, key -> {
            Key documentation = key.component().getAnnotation(Key.class);
            assertThat(documentation).as("@Key of " + key.path()).isNotNull();
            assertThat(documentation.value()).as("text of " + key.path()).isNotBlank();
        });
    }

    /** The binder knows these types and no others. */
    @Rule(
            id = "K-09",
            sentence =
                    "A key MUST have a supported type: int, long, double, boolean, String, enum, record, List, Map with"
                            + " string keys, Optional.",
            ifThisFailsCheck = "for float, arrays, paths, sets and interfaces in the configuration record.")
    public final void keyTypesAreSupported() {
        forEachKey(
                subject,
                key -> assertThat(key.unsupportedType())
                        .as("unsupported type of " + key.path())
                        .isEmpty());
    }

    /** Every default by itself, so that the message names the key. */
    @Rule(
            id = "K-10",
            sentence = "Every default MUST be readable as its key's type.",
            ifThisFailsCheck =
                    "that the default is YAML: [1, 2] for a list, {} for a nested record, kebab case for an enum.")
    public final void defaultsAreReadable() {
        forEachDefault(
                subject,
                (key, documentation) -> assertThatCode(() -> DefaultConfiguration.defaultOf(key.component()))
                        .as("the default of " + key.path())
                        .doesNotThrowAnyException());
    }

    /** A user who writes the default would be refused. */
    @Rule(
            id = "K-11",
            sentence = "Every numeric default MUST lie within its key's bounds.",
            ifThisFailsCheck = "defaultValue against min and max of the @Key.")
    public final void defaultsLieWithinTheirBounds() {
        forEachDefault(subject, (key, documentation) -> {
            for (double number : numbers(key)) {
                assertThat(number)
                        .as("the default of " + key.path())
                        .isBetween(documentation.min(), documentation.max());
            }
        });
    }

    /** Components with required keys have no such configuration. */
    @Rule(
            id = "K-12",
            sentence = "A configuration MUST accept its own defaults taken together.",
            ifThisFailsCheck =
                    "the compact constructor of the record, and that two defaults do not exclude one another.")
    public final void defaultsAreAcceptedTogether() {
        forEachDefaultConfiguration(
                subject,
                factory -> assertThatCode(() -> DefaultConfiguration.of(factory.configType()))
                        .as("the defaults of '" + factory.name() + "'")
                        .doesNotThrowAnyException());
    }

    /** The text goes into messages and into the run's record. */
    @Rule(
            id = "K-13",
            sentence = "A configuration's toString MUST show every key, and equal configurations MUST be equal.",
            ifThisFailsCheck =
                    "for toString, equals and hashCode overridden in the record, and for components without equality.")
    public final void configurationsShowTheirKeys() {
        forEachDefaultConfiguration(subject, factory -> {
            if (isConstructible(factory)) {
                Record config = DefaultConfiguration.of(factory.configType());
                for (RecordComponent component : factory.configType().getRecordComponents()) {
                    assertThat(config.toString())
                            .as("toString of '" + factory.name() + "'")
                            .contains(component.getName());
                }
                assertThat((Object) DefaultConfiguration.of(factory.configType()))
                        .as("a second configuration of '" + factory.name() + "' from the same defaults")
                        .isEqualTo(config);
            }
        });
    }

    /** A capability that means nothing for its kind was meant for something else. */
    @Rule(
            id = "K-14",
            sentence = "A component MUST declare only capabilities of its kind.",
            ifThisFailsCheck = "the documentation of Capability: each value begins with the kind it is for.")
    public final void capabilitiesSuitTheKind() {
        subject.components()
                .forEach(factory -> assertThat(capabilitiesOfKind(factory))
                        .as("capabilities of this kind, for '" + factory.name() + "'")
                        .containsAll(factory.capabilities()));
    }

    /** As in a run's file: the host binds the value, the record may refuse it too. */
    @Rule(
            id = "K-15",
            sentence = "Every documented bad value of a key MUST be refused with the key's name.",
            ifThisFailsCheck =
                    "for bounds in the @Key of something that is no number, and that every message of the record's constructor names the key.")
    public final void badValuesAreRefusedByName() {
        subject.components().filter(PackagingConformance::hasDefaultsOnly).forEach(factory -> {
            for (RecordComponent component : factory.configType().getRecordComponents()) {
                for (BadValue bad : BadValue.of(component)) {
                    assertThatThrownBy(() -> RunConfigLoader.bind(factory, bad.yaml()))
                            .as("'" + factory.name() + "' with " + bad.yaml())
                            .isInstanceOf(ConfigurationException.class)
                            .hasMessageContaining(bad.key());
                }
                for (String yaml : BadValue.withinBounds(component)) {
                    assertTakenOrRefusedByName(factory, yaml);
                }
            }
        });
    }

    private static void assertTakenOrRefusedByName(ComponentFactory<?> factory, String yaml) {
        try {
            DefaultConfiguration.of(factory.configType(), yaml);
        } catch (IllegalArgumentException refused) {
            String message = refused.getCause() == null || refused.getCause().getCause() == null
                    ? String.valueOf(refused.getMessage())
                    : String.valueOf(refused.getCause().getCause().getMessage());
            List<String> keys = ConfigurationKey.of(factory).stream()
                    .map(key -> DefaultConfiguration.key(key.component()))
                    .toList();
            assertThat(keys.stream().anyMatch(message::contains))
                    .as("'" + factory.name() + "' refuses " + yaml + " with the message '" + message
                            + "', which names a key of " + keys)
                    .isTrue();
        }
    }

    private static Set<Capability> capabilitiesOfKind(ComponentFactory<?> factory) {
        if (factory instanceof ExitPolicyFactory<?>) {
            return Set.of(
                    Capability.FITTED,
                    Capability.READS_EARLIER_EXITS,
                    Capability.NEEDS_DISTANCES,
                    Capability.NEEDS_COMMITMENT);
        }
        if (factory instanceof TrainerFactory<?>) {
            return Set.of(Capability.TRAINS_BACKBONE);
        }
        return factory instanceof BackboneFactory<?> ? Set.of(Capability.PRETRAINED) : Set.of();
    }

    private static List<String> providers(ClassLoader loader) {
        List<String> names = new ArrayList<>();
        try {
            for (URL file : Collections.list(loader.getResources(SERVICE_FILE))) {
                try (BufferedReader reader =
                        new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
                    reader.lines()
                            .map(line -> line.replaceFirst("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .forEach(names::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    private static void forEachKey(PluginSubject subject, Consumer<ConfigurationKey> check) {
        subject.components()
                .flatMap(factory -> ConfigurationKey.of(factory).stream())
                .forEach(check);
    }

    private static void forEachDefault(PluginSubject subject, DefaultCheck check) {
        forEachKey(subject, key -> {
            Key documentation = key.component().getAnnotation(Key.class);
            if (documentation != null
                    && !documentation.defaultValue().isEmpty()
                    && key.unsupportedType().isEmpty()) {
                check.on(key, documentation);
            }
        });
    }

    /** For every component whose keys can all be left out, each with a readable default. */
    private static void forEachDefaultConfiguration(PluginSubject subject, Consumer<ComponentFactory<?>> check) {
        subject.components().filter(PackagingConformance::hasDefaultsOnly).forEach(check);
    }

    private static boolean hasDefaultsOnly(ComponentFactory<?> factory) {
        return Arrays.stream(factory.configType().getRecordComponents()).allMatch(PackagingConformance::hasDefault);
    }

    private static boolean hasDefault(RecordComponent component) {
        try {
            DefaultConfiguration.defaultOf(component);
            return true;
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    private static boolean isConstructible(ComponentFactory<?> factory) {
        try {
            DefaultConfiguration.of(factory.configType());
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    private static List<Double> numbers(ConfigurationKey key) {
        if (!hasDefault(key.component())) {
            return List.of();
        }
        Object value = DefaultConfiguration.defaultOf(key.component());
        Collection<?> values = value instanceof Collection<?> list ? list : List.of(value);
        return values.stream()
                .filter(Number.class::isInstance)
                .map(number -> ((Number) number).doubleValue())
                .toList();
    }

    /** Checks one default. */
    @FunctionalInterface
    private interface DefaultCheck {
        void on(ConfigurationKey key, Key documentation);
    }
}
