package org.offramp.api;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What a fitted policy learned: named arrays of numbers. Immutable and equal by value. */
public final class PolicyState {
    /** The state of a policy that is not fitted. */
    public static final PolicyState EMPTY = new PolicyState(Map.of());

    private final TreeMap<String, double[]> values = new TreeMap<>();

    /**
     * A state of the given arrays, copied.
     *
     * @param values finite numbers by name
     * @throws IllegalArgumentException if a number is not finite
     */
    public PolicyState(Map<String, double[]> values) {
        values.forEach((name, array) -> {
            for (double value : array) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("the policy's state '" + name + "' holds " + value);
                }
            }
            this.values.put(name, array.clone());
        });
    }

    /**
     * A copy of one array.
     *
     * @param name its name
     * @throws IllegalArgumentException if there is none of that name
     */
    public double[] get(String name) {
        double[] array = values.get(name);
        if (array == null) {
            throw new IllegalArgumentException("the policy's state has no '" + name + "'; it has " + values.keySet());
        }
        return array.clone();
    }

    /** Copies of all arrays, sorted by name. */
    public Map<String, double[]> asMap() {
        Map<String, double[]> copy = new TreeMap<>();
        values.forEach((name, array) -> copy.put(name, array.clone()));
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PolicyState state && toString().equals(state.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("PolicyState{");
        values.forEach((name, array) ->
                text.append(name).append('=').append(Arrays.toString(array)).append(' '));
        return text.append('}').toString();
    }
}
