package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.FloatMatrix;
import org.offramp.api.StrategyPlugin;

/**
 * The rules of group L, checked on a plugin as a whole: lifecycle, threads and memory. Every rule uses all components that have defaults:
 * policies score, backbones and trainers are made, datasets opened.
 */
public abstract class LifecycleConformance extends Conformance<PluginSubject> {
    /** For subclasses. */
    protected LifecycleConformance() {}

    /** Workers of the common pool are the JVM's own. */
    @Rule(
            id = "L-01",
            sentence = "A plugin MUST NOT leave a thread running when its components have been made and used.",
            ifThisFailsCheck = "for executors that are not shut down, timers and file watchers.")
    public final void noThreadIsLeft() {
        Engine.getInstance();
        Set<Thread> before = threads();
        PluginUse.of(subject);
        Set<Thread> left = threads();
        left.removeAll(before);
        assertThat(left.stream().map(Thread::getName).sorted().toList())
                .as("threads that run and did not run before")
                .isEmpty();
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            boolean own = thread.getThreadGroup() == null
                    || thread.getThreadGroup().getName().equals("system")
                    || thread.getThreadGroup().getName().equals("InnocuousThreadGroup")
                    || thread.getName().startsWith("ForkJoinPool.commonPool");
            if (!own) {
                threads.add(thread);
            }
        }
        return threads;
    }

    /** Everything else in the JVM would be changed with them. */
    @Rule(
            id = "L-02",
            sentence =
                    "A plugin MUST NOT change the JVM's defaults: locale, time zone, system properties, standard streams, handler of uncaught"
                            + " exceptions.",
            ifThisFailsCheck =
                    "for Locale.setDefault and System.setProperty; format with Locale.ROOT and configure libraries by their own means.")
    public final void theJvmsDefaultsAreLeftAlone() {
        Engine.getInstance();
        JvmDefaults before = JvmDefaults.now();
        PluginUse.of(subject);
        JvmDefaults after = JvmDefaults.now();
        before.restore();
        assertThat(after.toMap()).as("the JVM's defaults after use").isEqualTo(before.toMap());
    }

    /** What can be changed for everybody. */
    private record JvmDefaults(
            Locale locale, TimeZone zone, Properties properties, List<Object> streams, String handler) {
        static JvmDefaults now() {
            Properties copy = new Properties();
            System.getProperties()
                    .stringPropertyNames()
                    .forEach(name -> copy.setProperty(name, System.getProperty(name, "")));
            return new JvmDefaults(
                    Locale.getDefault(),
                    TimeZone.getDefault(),
                    copy,
                    List.of(System.in, System.out, System.err),
                    String.valueOf(Thread.getDefaultUncaughtExceptionHandler()));
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new TreeMap<>();
            properties.stringPropertyNames().stream()
                    .filter(name -> !name.startsWith("ai.djl."))
                    .forEach(name -> map.put("property " + name, properties.getProperty(name)));
            map.put("locale", locale);
            map.put("time zone", zone.getID());
            map.put("streams", streams);
            map.put("handler of uncaught exceptions", handler);
            return map;
        }

        void restore() {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
            for (String name : System.getProperties().stringPropertyNames()) {
                if (!properties.containsKey(name)) {
                    System.clearProperty(name);
                }
            }
            properties.stringPropertyNames().forEach(name -> System.setProperty(name, properties.getProperty(name)));
        }
    }

    /** Results go there, and programs read them. */
    @Rule(
            id = "L-03",
            sentence = "A plugin MUST NOT write to standard output.",
            ifThisFailsCheck =
                    "for System.out.println and loggers that write there; use SLF4J or the session's note and report.")
    public final void nothingIsPrinted() {
        PrintStream real = System.out;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            PluginUse.of(subject);
        } finally {
            System.setOut(real);
        }
        assertThat(written.toString(StandardCharsets.UTF_8))
                .as("written to standard output")
                .isEmpty();
    }

    /** The host's threads carry the host's loader, which does not know the plugin's classes. */
    @Rule(
            id = "L-04",
            sentence = "A plugin MUST work the same whatever the thread's context class loader is.",
            ifThisFailsCheck =
                    "for ServiceLoader.load without a loader, and for resources read through the thread's loader; use the plugin's own class.")
    public final void theContextClassLoaderDoesNotMatter() {
        List<String> expected = PluginUse.of(subject);
        Thread thread = Thread.currentThread();
        ClassLoader usual = thread.getContextClassLoader();
        List<String> actual;
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            actual = PluginUse.of(subject);
        } finally {
            thread.setContextClassLoader(usual);
        }
        assertThat(actual)
                .as("what became of the components with another context class loader")
                .isEqualTo(expected);
    }

    /** Strategies may be trained side by side. */
    @Rule(
            id = "L-05",
            sentence = "A plugin MUST bring the same components to several threads at once.",
            ifThisFailsCheck = "for lists filled at the first call without synchronisation, and thread-local state.")
    public final void severalThreadsSeeTheSameComponents() throws InterruptedException {
        List<List<String>> expected = names(subject.plugin());
        for (List<List<String>> seen : ThreadsAtOnce.run(() -> names(subject.plugin()))) {
            assertThat(seen).as("component names seen by another thread").isEqualTo(expected);
        }
    }

    private static List<List<String>> names(StrategyPlugin plugin) {
        return new PluginSubject(plugin, ClassLoader.getPlatformClassLoader())
                .kinds().stream().map(PluginSubject.Kind::names).toList();
    }

    /** A host may look for plugins more than once. */
    @Rule(
            id = "L-06",
            sentence = "A plugin constructed a second time MUST bring the same components.",
            ifThisFailsCheck =
                    "for static state that the first instance uses up, such as a guard against loading twice.")
    public final void aSecondInstanceBringsTheSame() {
        StrategyPlugin second;
        try {
            second = subject.plugin().getClass().getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("it cannot be constructed: " + e, e);
        }
        assertThat(names(second)).as("component names of a second instance").isEqualTo(names(subject.plugin()));
    }

    /** A policy lives as long as the service does. */
    @Rule(
            id = "L-07",
            sentence = "A policy MUST NOT keep evidence: none is reachable from it after it has scored.",
            ifThisFailsCheck = "for caches, logs and buffers in fields of the policy or its factory.")
    public final void noEvidenceIsKept() {
        for (ExitPolicyFactory<?> factory : subject.plugin().exitPolicies()) {
            if (DefaultConfiguration.requiredKeys(factory.configType()).isEmpty()) {
                ExitPolicy policy = PolicySubject.ofDefaults(factory).policy(3, 4);
                Evidence evidence = GivenEvidence.drawn(3, 4, 5, 1);
                policy.score(evidence);
                Set<Object> given = Collections.newSetFromMap(new IdentityHashMap<>());
                given.addAll(Reachable.from(evidence, part -> part instanceof FloatMatrix || part instanceof Evidence));
                assertThat(Reachable.from(policy, given::contains))
                        .as("parts of the evidence that are reachable from policy '" + factory.name() + "'")
                        .isEmpty();
            }
        }
    }
}
