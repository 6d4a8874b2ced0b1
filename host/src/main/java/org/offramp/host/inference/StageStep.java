package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.host.network.NetworkPlan;

/** Takes a group of samples through the next stage and reads its heads. Thread-safe as far as the stage runner is. */
final class StageStep {
    private final NetworkPlan network;
    private final StageRunner stages;
    /** For exit 1 … N the outputs, of it and of earlier ones, that later heads read. */
    private final List<List<Head.Input>> readAfter;

    StageStep(NetworkPlan network, StageRunner stages) {
        this.network = network;
        this.stages = stages;
        this.readAfter = IntStream.rangeClosed(1, network.exits())
                .mapToObj(network::readAfter)
                .toList();
    }

    /**
     * Takes a batch of one to an exit that it may leave at, the first one where needs are not known.
     *
     * @param sample the batch; closed
     * @param needs as of {@link ExitRule#needs}
     */
    Group enter(NDArray sample, double[] needs) {
        int[] samples = {0};
        Optional<StageRunner.Stopped> stopped = needs.length == 0 ? Optional.empty() : stages.runOne(sample, needs);
        if (stopped.isEmpty()) {
            return pass(Group.entering(sample, samples));
        }
        sample.close();
        List<Map<HeadOutput, FloatMatrix>> evidence = evidence(stopped.get().values());
        NDList arrays = stopped.get().arrays();
        int exit = evidence.size();
        Map<Head.Input, NDArray> known = new HashMap<>();
        for (int i = 1; i < arrays.size(); i++) {
            known.put(readAfter.get(exit - 1).get(i - 1), arrays.get(i));
        }
        return new Group(exit, samples, arrays.isEmpty() ? sample : arrays.get(0), null, known, evidence);
    }

    private List<Map<HeadOutput, FloatMatrix>> evidence(float[] values) {
        List<Map<HeadOutput, FloatMatrix>> evidence = new ArrayList<>(network.exits());
        for (int from = 0; from < values.length; ) {
            Map<HeadOutput, FloatMatrix> outputs = new EnumMap<>(HeadOutput.class);
            for (HeadOutput output : network.outputs().get(evidence.size())) {
                int width = network.width(output);
                outputs.put(output, FloatMatrix.wrap(Arrays.copyOfRange(values, from, from + width), 1, width));
                from += width;
            }
            evidence.add(outputs);
        }
        return evidence;
    }

    /**
     * Runs the stage behind a group's exit. The group's arrays are closed.
     *
     * @return the same samples, one exit further
     */
    Group pass(Group group) {
        int exit = group.exit() + 1;
        List<Head.Input> read = network.earlierInputs().get(exit - 1);
        NDList inputs = new NDList(1 + read.size());
        inputs.add(group.activation());
        read.forEach(input -> inputs.add(group.known(input)));
        NDList result = run(exit, group.rows(), inputs);
        NDArray activation = result.get(0);
        List<HeadOutput> names = network.outputs().get(exit - 1);
        Map<HeadOutput, FloatMatrix> outputs = new EnumMap<>(HeadOutput.class);
        for (int i = 0; i < names.size(); i++) {
            float[] values = result.get(i + 1).toFloatArray();
            outputs.put(names.get(i), FloatMatrix.wrap(values, group.size(), values.length / group.size()));
        }
        Map<Head.Input, NDArray> known = known(group, exit, names, result);
        close(group, known, result);
        List<Map<HeadOutput, FloatMatrix>> evidence =
                new ArrayList<>(group.evidence().size() + 1);
        evidence.addAll(group.evidence());
        evidence.add(outputs);
        return new Group(exit, group.samples(), activation, null, known, evidence);
    }

    private NDList run(int exit, long @Nullable [] rows, NDList inputs) {
        if (rows == null) {
            return stages.run(exit, inputs);
        }
        try (NDArray keep = inputs.get(0).getManager().create(rows)) {
            return stages.runRows(exit, keep, inputs);
        }
    }

    /** The evidence of a group. */
    Evidence evidence(Group group) {
        return new Evidence(network.exits(), group.size(), group.evidence());
    }

    private Map<Head.Input, NDArray> known(Group group, int exit, List<HeadOutput> names, NDList result) {
        List<Head.Input> needed = readAfter.get(exit - 1);
        if (needed.isEmpty()) {
            return Map.of();
        }
        Map<Head.Input, NDArray> known = new HashMap<>();
        for (Head.Input input : needed) {
            if (input.exit() == exit) {
                known.put(input, result.get(1 + names.indexOf(input.output())));
            } else if (input.exit() < exit) {
                known.put(input, group.compacted(group.known(input)));
            }
        }
        return known;
    }

    /** Frees what no later stage reads. */
    private static void close(Group group, Map<Head.Input, NDArray> known, NDList result) {
        Set<NDArray> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        kept.add(result.get(0));
        kept.addAll(known.values());
        result.forEach(array -> closeUnless(kept, array));
        closeUnless(kept, group.activation());
        group.known().values().forEach(array -> closeUnless(kept, array));
    }

    private static void closeUnless(Set<NDArray> kept, NDArray array) {
        if (!kept.contains(array)) {
            array.close();
        }
    }
}
