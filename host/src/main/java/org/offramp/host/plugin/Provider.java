package org.offramp.host.plugin;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import org.offramp.api.StrategyPlugin;

/**
 * The class that a service file names. What {@link java.util.ServiceLoader} does, step by step, so that each fault has its own
 * message and cure.
 */
final class Provider {
    private final String type;
    private final ClassLoader loader;

    /**
     * A class that is not loaded yet.
     *
     * @param type its binary name
     * @param loader the plugin's class loader
     */
    Provider(String type, ClassLoader loader) {
        this.type = type;
        this.loader = loader;
    }

    /**
     * Makes the plugin.
     *
     * @param name what its manifest calls it
     * @throws BrokenPlugin if the class cannot be loaded or made, or calls itself otherwise
     */
    StrategyPlugin create(String name) throws BrokenPlugin {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            StrategyPlugin plugin = construct(constructor(load()));
            if (!plugin.name().equals(name)) {
                throw new BrokenPlugin(
                        "its manifest says Plugin-Name " + name + ", the plugin itself '" + plugin.name() + "'",
                        "make them the same");
            }
            return plugin;
        } catch (LinkageError | RuntimeException e) {
            throw Faults.explain(e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private Class<? extends StrategyPlugin> load() throws BrokenPlugin {
        Class<?> loaded;
        try {
            loaded = Class.forName(type, false, loader);
        } catch (ClassNotFoundException e) {
            throw new BrokenPlugin(
                    "the service file names " + type + ", and no jar has that class",
                    "correct the name in " + PluginJar.SERVICE + ", or build the jar again");
        }
        if (!StrategyPlugin.class.isAssignableFrom(loaded)) {
            throw new BrokenPlugin(
                    "the service file names " + type + ", which is not a subtype of StrategyPlugin",
                    "let the class implement " + StrategyPlugin.class.getName());
        }
        return loaded.asSubclass(StrategyPlugin.class);
    }

    private Constructor<? extends StrategyPlugin> constructor(Class<? extends StrategyPlugin> plugin)
            throws BrokenPlugin {
        if (Modifier.isAbstract(plugin.getModifiers()) || !Modifier.isPublic(plugin.getModifiers())) {
            throw new BrokenPlugin(type + " is abstract or not public", "make it a public final class");
        }
        Constructor<? extends StrategyPlugin> constructor;
        try {
            constructor = plugin.getDeclaredConstructor();
        } catch (NoSuchMethodException e) {
            throw new BrokenPlugin(
                    type + " has no constructor without parameters", "add a public one that does nothing but return");
        }
        if (!Modifier.isPublic(constructor.getModifiers())) {
            throw new BrokenPlugin(
                    "the constructor of " + type + " is "
                            + (Modifier.isPrivate(constructor.getModifiers()) ? "private" : "not public"),
                    "make the constructor without parameters public");
        }
        return constructor;
    }

    private StrategyPlugin construct(Constructor<? extends StrategyPlugin> constructor) throws BrokenPlugin {
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            if (thrown instanceof LinkageError error) {
                throw Faults.explain(error);
            }
            throw new BrokenPlugin(
                    "the constructor of " + type + " throws " + Faults.chain(thrown),
                    "do nothing in it; load files and libraries when a component is made");
        } catch (ReflectiveOperationException e) {
            throw new BrokenPlugin(type + " cannot be constructed: " + e, "make it a public final class");
        }
    }
}
