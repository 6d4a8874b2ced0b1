package org.offramp.conformance;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.DatasetFactory;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.StrategyPlugin;

/**
 * The plugins that a suite checks: those that were put into JUnit's session, otherwise those on the class path, all or the one that the
 * configuration parameter {@value #PLUGIN} names.
 *
 * @param all the plugins
 * @param installed the backbones of all plugins, where a trainer that needs one finds it
 * @param given a component's keys as in YAML, by its name
 */
record PluginsUnderTest(
        List<PluginSubject> all, List<BackboneFactory<?>> installed, Function<String, Optional<String>> given) {
    /** The configuration parameter that names the one plugin to check. */
    static final String PLUGIN = "offramp.conformance.plugin";

    /** What begins the configuration parameters that give a component's keys; the component's name follows. */
    static final String KEYS = "offramp.conformance.keys.";

    /** Where the plugins are in JUnit's session, by this class's name. */
    static final String SESSION_KEY = PluginsUnderTest.class.getName();

    static PluginsUnderTest of(ExtensionContext context) {
        ExtensionContext.Store session = context.getStore(
                ExtensionContext.StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.create(SESSION_KEY));
        PluginsUnderTest put = session.get(SESSION_KEY, PluginsUnderTest.class);
        if (put != null) {
            return put;
        }
        Optional<String> name = context.getConfigurationParameter(PLUGIN);
        List<PluginSubject> plugins = ofTheClassPath()
                .filter(plugin -> name.map(plugin.name()::equals).orElse(true))
                .map(PluginSubject::of)
                .toList();
        return new PluginsUnderTest(
                plugins, backbonesOfTheClassPath(), component -> context.getConfigurationParameter(KEYS + component));
    }

    private static Stream<StrategyPlugin> ofTheClassPath() {
        return ServiceLoader.load(StrategyPlugin.class).stream().map(ServiceLoader.Provider::get);
    }

    /** The backbones of all plugins on the class path. */
    static List<BackboneFactory<?>> backbonesOfTheClassPath() {
        return ofTheClassPath()
                .<BackboneFactory<?>>flatMap(plugin -> plugin.backbones().stream())
                .toList();
    }

    /** Whether there is a component of the kind that a class of rules is about. */
    boolean bring(Class<?> rules) {
        return all.stream().anyMatch(subject -> bring(subject.plugin(), rules));
    }

    /**
     * Whether a plugin brings a component of the kind that a class of rules is about.
     *
     * @param plugin the plugin
     * @param rules a class of rules
     */
    static boolean bring(StrategyPlugin plugin, Class<?> rules) {
        if (ExitPolicyConformance.class.isAssignableFrom(rules)) {
            return !plugin.exitPolicies().isEmpty();
        }
        if (BackboneConformance.class.isAssignableFrom(rules)) {
            return !plugin.backbones().isEmpty();
        }
        if (TrainerConformance.class.isAssignableFrom(rules)) {
            return !plugin.trainers().isEmpty();
        }
        return !DatasetConformance.class.isAssignableFrom(rules)
                || !plugin.datasets().isEmpty();
    }

    Stream<PluginSubject> plugins() {
        return all.stream();
    }

    Stream<PolicySubject<?>> exitPolicies() {
        return plugins()
                .flatMap(subject -> subject.plugin().exitPolicies().stream())
                .map(factory -> this.<ExitPolicyFactory<?>, PolicySubject<?>>made(
                        factory, (each, keys) -> PolicySubject.of(each, keys), each -> PolicySubject.ofDefaults(each)));
    }

    Stream<BackboneSubject<?>> backbones() {
        return plugins()
                .flatMap(subject -> subject.plugin().backbones().stream())
                .map(factory -> this.<BackboneFactory<?>, BackboneSubject<?>>made(
                        factory,
                        (each, keys) -> BackboneSubject.of(each, keys),
                        each -> BackboneSubject.ofDefaults(each)));
    }

    Stream<TrainerSubject<?>> trainers() {
        return plugins().flatMap(subject -> TrainerSubject.allOf(subject.plugin(), given, installed));
    }

    Stream<DatasetSubject<?>> datasets() {
        return plugins()
                .flatMap(subject -> subject.plugin().datasets().stream())
                .map(factory -> this.<DatasetFactory<?>, DatasetSubject<?>>made(
                        factory,
                        (each, keys) -> DatasetSubject.of(each, keys),
                        each -> DatasetSubject.ofDefaults(each)));
    }

    private <F extends ComponentFactory<?>, S> S made(
            F factory, BiFunction<F, String, S> ofKeys, Function<F, S> ofDefaults) {
        try {
            return given.apply(factory.name())
                    .map(keys -> ofKeys.apply(factory, keys))
                    .orElseGet(() -> ofDefaults.apply(factory));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + factory.name() + "' cannot be checked: " + e.getMessage() + "; give its keys with --keys '"
                            + factory.name() + "={…}' or the configuration parameter " + KEYS + factory.name(),
                    e);
        }
    }
}
