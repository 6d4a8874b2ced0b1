package org.offramp.conformance;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The list of the rules that the suite checks. */
public final class Rules {
    private static final List<Class<? extends Conformance<?>>> KINDS = List.of(
            ExitPolicyConformance.class,
            BackboneConformance.class,
            TrainerConformance.class,
            DatasetConformance.class,
            PackagingConformance.class,
            LifecycleConformance.class);

    private Rules() {}

    /** The rules of all kinds, sorted by number. */
    public static List<Rule> all() {
        return sorted(KINDS.stream().flatMap(Rules::declaredBy));
    }

    /**
     * The rules of one kind, sorted by number.
     *
     * @param kind a class of this package, or a subclass of one
     */
    public static List<Rule> of(Class<? extends Conformance<?>> kind) {
        return sorted(
                KINDS.stream().filter(known -> known.isAssignableFrom(kind)).flatMap(Rules::declaredBy));
    }

    private static Stream<Rule> declaredBy(Class<?> kind) {
        return Arrays.stream(kind.getDeclaredMethods()).map(Rules::of).filter(Objects::nonNull);
    }

    private static List<Rule> sorted(Stream<Rule> rules) {
        return rules.sorted(Comparator.comparing(Rule::id)).toList();
    }

    private static Rule of(Method method) {
        return method.getAnnotation(Rule.class);
    }
}
