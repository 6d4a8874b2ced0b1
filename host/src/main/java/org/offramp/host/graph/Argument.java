package org.offramp.host.graph;

import java.util.List;

/** An argument of an operation. */
sealed interface Argument {
    /**
     * A value of the graph.
     *
     * @param id the value's number
     */
    record Value(int id) implements Argument {}

    /**
     * A list of values.
     *
     * @param ids the values' numbers
     */
    record Values(List<Integer> ids) implements Argument {}

    /**
     * A whole number.
     *
     * @param number the number
     */
    record Whole(BatchSize number) implements Argument {}

    /**
     * A list of whole numbers.
     *
     * @param numbers the numbers
     */
    record Wholes(List<BatchSize> numbers) implements Argument {}

    /**
     * A floating-point number.
     *
     * @param number the number
     */
    record Real(double number) implements Argument {}

    /**
     * A truth value.
     *
     * @param flag the value
     */
    record Flag(boolean flag) implements Argument {}

    /** Nothing given. */
    record None() implements Argument {}

    /**
     * An argument that is given by its name.
     *
     * @param name the name
     * @param argument what is given
     */
    record Named(String name, Argument argument) implements Argument {}

    /**
     * A whole number that may depend on the batch: {@code factor · n + offset}.
     *
     * @param factor 0 where it does not depend on the batch
     * @param offset the constant part
     */
    record BatchSize(long factor, long offset) {
        static BatchSize of(long number) {
            return new BatchSize(0, number);
        }
    }

    /** The values it names. */
    default List<Integer> reads() {
        return this instanceof Value value
                ? List.of(value.id())
                : this instanceof Values values
                        ? values.ids()
                        : this instanceof Named named ? named.argument().reads() : List.of();
    }

    /** The same argument with one value in the place of another. */
    default Argument reading(int before, int now) {
        if (this instanceof Value value) {
            return value.id() == before ? new Value(now) : this;
        }
        if (this instanceof Values values) {
            return new Values(values.ids().stream()
                    .map(id -> id == before ? Integer.valueOf(now) : id)
                    .toList());
        }
        return this instanceof Named named
                ? new Named(named.name(), named.argument().reading(before, now))
                : this;
    }

    /**
     * Translates a Java value.
     *
     * @param value an argument already, a list or an array of numbers, a number, a truth value, or nothing
     */
    static Argument of(@org.jspecify.annotations.Nullable Object value) {
        if (value == null) {
            return new None();
        }
        if (value instanceof Argument argument) {
            return argument;
        }
        if (value instanceof long[] numbers) {
            return new Wholes(
                    java.util.Arrays.stream(numbers).mapToObj(BatchSize::of).toList());
        }
        if (value instanceof int[] numbers) {
            return new Wholes(
                    java.util.Arrays.stream(numbers).mapToObj(BatchSize::of).toList());
        }
        if (value instanceof Boolean flag) {
            return new Flag(flag);
        }
        if (value instanceof Float || value instanceof Double) {
            return new Real(((Number) value).doubleValue());
        }
        if (value instanceof Number number) {
            return new Whole(BatchSize.of(number.longValue()));
        }
        throw new IllegalArgumentException("an argument of type " + value.getClass());
    }
}
