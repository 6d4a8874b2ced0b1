package org.offramp.api;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The head outputs of one exit for a batch of samples, and those of the earlier exits for the same samples. Immutable. It
 * holds no labels, no activations and nothing of the native engine.
 */
public final class Evidence {
    private final int exits;
    private final int size;
    private final List<Map<HeadOutput, FloatMatrix>> outputs;

    /**
     * Evidence up to the exit {@code outputs.size()}.
     *
     * @param exits the number of exits N of the network, the last one included
     * @param outputs for exit 1, 2, … the matrices of its heads, each {@code batch × k}; the same batch everywhere
     * @throws IllegalArgumentException if there are no outputs, more than exits, or the numbers of rows differ
     */
    public Evidence(int exits, List<Map<HeadOutput, FloatMatrix>> outputs) {
        this(exits, rowsOf(outputs), outputs);
    }

    /**
     * Evidence up to the exit {@code outputs.size()}, for exits that may have no heads yet.
     *
     * @param exits the number of exits N of the network, the last one included
     * @param size the number of samples in the batch
     * @param outputs for exit 1, 2, … the matrices of its heads, each {@code size × k}
     * @throws IllegalArgumentException if there are no outputs, more than exits, or the numbers of rows differ
     */
    public Evidence(int exits, int size, List<Map<HeadOutput, FloatMatrix>> outputs) {
        if (outputs.isEmpty() || outputs.size() > exits) {
            throw new IllegalArgumentException("outputs of " + outputs.size() + " exits for a network of " + exits);
        }
        List<Map<HeadOutput, FloatMatrix>> copies = new ArrayList<>(outputs.size());
        for (Map<HeadOutput, FloatMatrix> exit : outputs) {
            Map<HeadOutput, FloatMatrix> copy = new EnumMap<>(HeadOutput.class);
            copy.putAll(exit);
            for (FloatMatrix matrix : copy.values()) {
                if (matrix.rows() != size) {
                    throw new IllegalArgumentException("heads gave " + size + " and " + matrix.rows() + " rows");
                }
            }
            copies.add(copy);
        }
        this.exits = exits;
        this.size = size;
        this.outputs = List.copyOf(copies);
    }

    private static int rowsOf(List<Map<HeadOutput, FloatMatrix>> outputs) {
        return outputs.stream()
                .flatMap(exit -> exit.values().stream())
                .mapToInt(FloatMatrix::rows)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no exit has an output"));
    }

    /** The exit that is to be decided, counted from 1. */
    public int exit() {
        return outputs.size();
    }

    /** The number of exits N of the network, the last one included. */
    public int exits() {
        return exits;
    }

    /** The number of samples in the batch, 0 allowed. */
    public int size() {
        return size;
    }

    /** The logits of this exit, {@code batch × K}. */
    public FloatMatrix logits() {
        return output(exit(), HeadOutput.LOGITS);
    }

    /**
     * Whether a head was evaluated.
     *
     * @param exit {@code 1 … exit()}
     * @param output the output
     */
    public boolean has(int exit, HeadOutput output) {
        return outputs.get(exit - 1).containsKey(output);
    }

    /**
     * An output of this or an earlier exit, {@code batch × k}.
     *
     * @param exit {@code 1 … exit()}
     * @param output the output
     * @throws IllegalStateException if there is no such head at that exit
     */
    public FloatMatrix output(int exit, HeadOutput output) {
        FloatMatrix matrix = outputs.get(exit - 1).get(output);
        if (matrix == null) {
            throw new IllegalStateException("exit " + exit + " has no head for " + output + "; it has "
                    + outputs.get(exit - 1).keySet());
        }
        return matrix;
    }

    /**
     * The same evidence as it was at an earlier exit.
     *
     * @param exit {@code 1 … exit()}
     */
    public Evidence upTo(int exit) {
        return exit == exit() ? this : new Evidence(exits, size, outputs.subList(0, exit));
    }

    /**
     * The evidence of the given samples, in the given order.
     *
     * @param rows sample numbers in this batch
     */
    public Evidence rows(int[] rows) {
        List<Map<HeadOutput, FloatMatrix>> selected = new ArrayList<>(outputs.size());
        for (Map<HeadOutput, FloatMatrix> exit : outputs) {
            Map<HeadOutput, FloatMatrix> copy = new EnumMap<>(HeadOutput.class);
            exit.forEach((output, matrix) -> copy.put(output, matrix.rows(rows)));
            selected.add(copy);
        }
        return new Evidence(exits, rows.length, selected);
    }
}
