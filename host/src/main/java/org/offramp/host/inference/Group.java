package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;

/**
 * Samples under way together, between two stages.
 *
 * @param exit the exit they passed last; 0 before the first stage
 * @param samples their numbers among the samples that came in
 * @param activation the activation there, {@code (rows, …)}; rows of samples that left may be among them
 * @param rows the activation's rows that are theirs; null when all are
 * @param known the outputs that later heads read, with the activation's rows
 * @param evidence the outputs of the exits passed, one row per sample of the group
 */
record Group(
        int exit,
        int[] samples,
        NDArray activation,
        long @Nullable [] rows,
        Map<Head.Input, NDArray> known,
        List<Map<HeadOutput, FloatMatrix>> evidence) {

    /** Samples before the first stage. */
    static Group entering(NDArray batch, int[] samples) {
        return new Group(0, samples, batch, null, Map.of(), List.of());
    }

    int size() {
        return samples.length;
    }

    /** An earlier output. */
    NDArray known(Head.Input input) {
        return Objects.requireNonNull(known.get(input), () -> input + " was not kept");
    }

    /** Those of the group that stay, by their positions in it, ascending; all arrays stay where they are. */
    Group staying(int[] positions) {
        if (positions.length == size()) {
            return this;
        }
        long[] keep = new long[positions.length];
        Arrays.setAll(keep, i -> rows == null ? positions[i] : rows[positions[i]]);
        int[] left = new int[positions.length];
        Arrays.setAll(left, i -> samples[positions[i]]);
        List<Map<HeadOutput, FloatMatrix>> seen = new ArrayList<>(evidence.size());
        for (Map<HeadOutput, FloatMatrix> outputs : evidence) {
            Map<HeadOutput, FloatMatrix> some = new EnumMap<>(HeadOutput.class);
            outputs.forEach((output, matrix) -> some.put(output, matrix.rows(positions)));
            seen.add(some);
        }
        return new Group(exit, left, activation, keep, known, seen);
    }

    /** One of the group, with arrays of its own. */
    Group alone(int position) {
        if (size() == 1 && rows == null) {
            return this;
        }
        Group one = staying(new int[] {position});
        Map<Head.Input, NDArray> own = new HashMap<>();
        known.forEach((input, array) -> own.put(input, one.compacted(array)));
        return new Group(exit, one.samples, one.compacted(), null, own, one.evidence);
    }

    /** Moves the arrays to another manager. */
    Group attach(NDManager manager) {
        activation.attach(manager);
        known.values().forEach(array -> array.attach(manager));
        return this;
    }

    /** Several groups behind the same exit as one; their arrays are closed. */
    static Group join(List<Group> groups) {
        Group first = groups.get(0);
        if (groups.size() == 1) {
            return first;
        }
        NDArray activation = joined(groups.stream().map(Group::compacted).toList());
        Map<Head.Input, NDArray> known = new HashMap<>();
        for (Head.Input input : first.known.keySet()) {
            known.put(
                    input,
                    joined(groups.stream()
                            .map(group -> group.compacted(group.known(input)))
                            .toList()));
        }
        List<Map<HeadOutput, FloatMatrix>> evidence = new ArrayList<>();
        for (int exit = 0; exit < first.evidence.size(); exit++) {
            Map<HeadOutput, FloatMatrix> outputs = new EnumMap<>(HeadOutput.class);
            for (HeadOutput output : first.evidence.get(exit).keySet()) {
                int at = exit;
                outputs.put(
                        output,
                        stacked(groups.stream()
                                .map(group -> group.evidence.get(at).get(output))
                                .toList()));
            }
            evidence.add(outputs);
        }
        int[] samples = groups.stream()
                .flatMapToInt(group -> Arrays.stream(group.samples))
                .toArray();
        groups.forEach(Group::close);
        return new Group(first.exit, samples, activation, null, known, evidence);
    }

    private NDArray compacted() {
        return compacted(activation);
    }

    /** The group's rows of an array with the activation's rows. */
    NDArray compacted(NDArray array) {
        if (rows == null) {
            return array;
        }
        try (NDArray keep = array.getManager().create(rows)) {
            return array.get(new NDIndex("{}", keep));
        }
    }

    private static NDArray joined(List<NDArray> pieces) {
        NDArray whole = NDArrays.concat(new NDList(pieces));
        pieces.forEach(NDArray::close);
        return whole;
    }

    private static FloatMatrix stacked(List<FloatMatrix> pieces) {
        int columns = pieces.get(0).columns();
        int rows = pieces.stream().mapToInt(FloatMatrix::rows).sum();
        float[] values = new float[rows * columns];
        int at = 0;
        for (FloatMatrix piece : pieces) {
            float[] given = piece.toArray();
            System.arraycopy(given, 0, values, at, given.length);
            at += given.length;
        }
        return FloatMatrix.wrap(values, rows, columns);
    }

    /** Frees the arrays; to be called once, when the next stage has run or nobody goes on. */
    void close() {
        activation.close();
        known.values().forEach(NDArray::close);
    }
}
