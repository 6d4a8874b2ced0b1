package org.offramp.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.PolicyState;
import org.offramp.api.StrategyPlugin;

/** Plugins whose life goes wrong in one way. */
final class WrongLifecycles {
    private static final AtomicInteger MADE = new AtomicInteger();

    private WrongLifecycles() {}

    static List<Wrong<PluginSubject>> all() {
        return List.of(
                making("L-01", "a thread waits for ever", state -> {
                    startThread();
                    return GivenPolicy::right;
                }),
                making("L-02", "the default locale is set", state -> {
                    Locale.setDefault(Locale.getDefault().equals(Locale.GERMANY) ? Locale.FRANCE : Locale.GERMANY);
                    return GivenPolicy::right;
                }),
                making("L-02", "a system property is set", state -> {
                    System.setProperty("org.offramp.given", String.valueOf(MADE.incrementAndGet()));
                    return GivenPolicy::right;
                }),
                making("L-03", "making is announced on standard output", state -> {
                    System.out.println("made");
                    return GivenPolicy::right;
                }),
                making("L-04", "a class is looked up through the thread", state -> {
                    lookUp(WrongLifecycles.class.getName());
                    return GivenPolicy::right;
                }),
                Wrong.of("L-05", "another thread sees nothing", PluginSubject.of(new OneThread())),
                Wrong.of("L-06", "the second instance brings nothing", PluginSubject.of(new OnlyOnce(true))),
                making("L-07", "what was scored is kept", state -> keeping()));
    }

    private static void startThread() {
        Thread thread = new Thread(() -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void lookUp(String name) {
        try {
            Class.forName(name, false, Thread.currentThread().getContextClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ExitPolicy keeping() {
        List<Evidence> scored = new ArrayList<>();
        return evidence -> {
            scored.add(evidence);
            return GivenPolicy.right(scored.get(scored.size() - 1));
        };
    }

    private static Wrong<PluginSubject> making(String rule, String fault, Function<PolicyState, ExitPolicy> making) {
        return Wrong.of(
                rule,
                fault,
                new PluginSubject(
                        new Bringing(new GivenPolicy(Set.of(), (trace, random) -> PolicyState.EMPTY, making)),
                        WrongLifecycles.class.getClassLoader()));
    }

    /** Brings one policy. */
    public static final class Bringing implements StrategyPlugin {
        private final ExitPolicyFactory<?> factory;

        /** Brings the right policy. */
        public Bringing() {
            this(GivenPolicy.rightFactory());
        }

        Bringing(ExitPolicyFactory<?> factory) {
            this.factory = factory;
        }

        @Override
        public String name() {
            return "bringing";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return List.of(factory);
        }
    }

    /** Brings its policy on the thread that made it only. */
    public static final class OneThread implements StrategyPlugin {
        private final Thread maker = Thread.currentThread();

        /** Remembers the thread. */
        public OneThread() {}

        @Override
        public String name() {
            return "one-thread";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return Thread.currentThread().equals(maker) ? List.of(GivenPolicy.rightFactory()) : List.of();
        }
    }

    /** Guards against loading twice. */
    public static final class OnlyOnce implements StrategyPlugin {
        private final boolean first;

        /** Any instance but the first. */
        public OnlyOnce() {
            this(false);
        }

        OnlyOnce(boolean first) {
            this.first = first;
        }

        @Override
        public String name() {
            return "only-once";
        }

        @Override
        public List<ExitPolicyFactory<?>> exitPolicies() {
            return first ? List.of(GivenPolicy.rightFactory()) : List.of();
        }
    }
}
