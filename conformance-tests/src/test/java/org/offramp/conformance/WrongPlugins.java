package org.offramp.conformance;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ComponentFactory;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;
import org.offramp.api.StrategyPlugin;

/** Plugins that are wrong in one way. */
final class WrongPlugins {
    private WrongPlugins() {}

    /** Without a key text. */
    record Undocumented(int epochs) {}

    /** With a blank key text. */
    record Blank(@Key(value = " ", defaultValue = "1") int epochs) {}

    /** With a type that YAML does not bind to. */
    record Unsupported(
            @Key(value = "learning rate", defaultValue = "0.1")
            float rate) {}

    /** With a default of another type. */
    record Unreadable(
            @Key(value = "passes", defaultValue = "many") int epochs) {}

    /** With a default above its bound. */
    record OutOfBounds(
            @Key(value = "passes", defaultValue = "[1, 9]", max = 5)
            List<Integer> epochs) {}

    /** With defaults that exclude one another. */
    record Excluding(
            @Key(value = "width", defaultValue = "10") int width,
            @Key(value = "heads", defaultValue = "4") int heads) {
        Excluding {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException("heads is " + heads + "; allowed is a divisor of width");
            }
        }
    }

    /** With a text that hides its key. */
    record Hidden(@Key(value = "passes", defaultValue = "3") int epochs) {
        @Override
        public String toString() {
            return "settings";
        }
    }

    /** With a bound that has no effect. */
    record Unbounded(
            @Key(value = "the side", defaultValue = "'4'", min = 1)
            String side) {}

    /** With a constructor that does not say which key is wrong. */
    record Unnamed(
            @Key(value = "an odd number", defaultValue = "3", min = 1, max = 9)
            int kernel) {
        Unnamed {
            if (kernel % 2 == 0) {
                throw new IllegalArgumentException(kernel + " is even");
            }
        }
    }

    static List<Wrong<PluginSubject>> all() {
        return List.of(
                wrong("K-15", given("given", policy("policy", Unbounded.class))),
                wrong("K-15", given("given", policy("policy", Unnamed.class))),
                Wrong.of("K-01", "the service file is missing", PluginSubject.of(new Unlisted())),
                Wrong.of("K-02", "the constructor is private", named(Private.instance())),
                Wrong.of("K-02", "the constructor throws", named(new Throwing(true))),
                wrong("K-03", new GivenPlugin("My Plugin", List.of(new GivenDataset()))),
                wrong("K-04", given("given", policy("max_probability", GivenPolicy.Config.class))),
                wrong("K-05", given("given", new GivenDataset(), new GivenDataset())),
                wrong("K-06", given("given")),
                Wrong.of("K-07", "a component more at every call", named(new Growing())),
                wrong("K-08", given("given", policy("policy", Undocumented.class))),
                wrong("K-08", given("given", policy("policy", Blank.class))),
                wrong("K-09", given("given", policy("policy", Unsupported.class))),
                wrong("K-10", given("given", policy("policy", Unreadable.class))),
                wrong("K-11", given("given", policy("policy", OutOfBounds.class))),
                wrong("K-12", given("given", policy("policy", Excluding.class))),
                wrong("K-13", given("given", policy("policy", Hidden.class))),
                wrong(
                        "K-14",
                        given("given", new Declaring<>("policy", NoKeys.class, Set.of(Capability.TRAINS_BACKBONE)))));
    }

    /** No keys at all. */
    record NoKeys() {}

    private static Wrong<PluginSubject> wrong(String rule, StrategyPlugin plugin) {
        return Wrong.of(rule, "see the subject", PluginSubject.of(plugin));
    }

    private static GivenPlugin given(String name, ComponentFactory<?>... components) {
        return new GivenPlugin(name, List.of(components));
    }

    private static <C extends Record> ComponentFactory<C> policy(String name, Class<C> configType) {
        return new Declaring<>(name, configType, Set.of());
    }

    /** A subject whose class is named in a service file of its own. */
    private static PluginSubject named(StrategyPlugin plugin) {
        return new PluginSubject(plugin, new Naming(plugin.getClass().getName()));
    }

    /** A policy that is never asked. */
    record Declaring<C extends Record>(String name, Class<C> configType, Set<Capability> capabilities)
            implements ExitPolicyFactory<C> {
        @Override
        public ExitPolicy create(C config, PolicyState state) {
            return (Evidence evidence) -> GivenPolicy.right(evidence);
        }
    }

    /** Not in the service file. */
    public static final class Unlisted implements StrategyPlugin {
        /** Does nothing. */
        public Unlisted() {}

        @Override
        public String name() {
            return "unlisted";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return List.of(GivenPolicy.rightFactory());
        }
    }

    /** Cannot be constructed from outside. */
    public static final class Private implements StrategyPlugin {
        private Private() {}

        static StrategyPlugin instance() {
            return new Private();
        }

        @Override
        public String name() {
            return "private";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return List.of(GivenPolicy.rightFactory());
        }
    }

    /** Its constructor for the service loader throws. */
    public static final class Throwing implements StrategyPlugin {
        /** Throws. */
        public Throwing() {
            this(false);
        }

        Throwing(boolean calm) {
            if (!calm) {
                throw new IllegalStateException("the model is not there");
            }
        }

        @Override
        public String name() {
            return "throwing";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return List.of(GivenPolicy.rightFactory());
        }
    }

    /** Brings one policy more at every call. */
    public static final class Growing implements StrategyPlugin {
        private int calls;

        /** Does nothing. */
        public Growing() {}

        @Override
        public String name() {
            return "growing";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            calls++;
            return List.of(new Declaring<>("policy-" + calls, NoKeys.class, Set.of()));
        }
    }

    /** A class loader in which the service file names one class. */
    private static final class Naming extends ClassLoader {
        private final String provider;

        Naming(String provider) {
            super(WrongPlugins.class.getClassLoader());
            this.provider = provider;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return Collections.enumeration(List.of(new URL(null, "memory:" + name, new InMemory(provider))));
        }
    }

    /** A stream handler that gives one line. */
    private static final class InMemory extends URLStreamHandler {
        private final String line;

        InMemory(String line) {
            this.line = line;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {}

                @Override
                public InputStream getInputStream() {
                    return new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8));
                }
            };
        }
    }
}
