package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.host.network.EvidenceReader;
import org.offramp.host.network.NetworkPlan;

/**
 * Answers batches with computation that really stops: after each stage the samples that leave are written to their place in the
 * answer, the others are compacted and go on. Thread-safe as far as the stage runner is.
 */
public final class EarlyExitRunner {
    private final NetworkPlan network;
    private final StageRunner stages;

    /**
     * A runner.
     *
     * @param network its outline
     * @param stages runs its stages
     */
    public EarlyExitRunner(NetworkPlan network, StageRunner stages) {
        this.network = network;
        this.stages = stages;
    }

    /**
     * Answers a batch.
     *
     * @param batch {@code (batch, …)}, normalised; a batch of 0 gives no answers
     * @param rule says who leaves
     * @throws IllegalArgumentException if the shape is not the network's
     * @throws InferenceException if an output is NaN or infinite
     */
    public Answers run(NDArray batch, ExitRule rule) {
        Shape shape = batch.getShape();
        if (shape.dimension() < 1 || !shape.slice(1).equals(network.inputShape())) {
            throw new IllegalArgumentException("a batch of shape " + shape + "; the network takes (batch, "
                    + Arrays.toString(network.inputShape().getShape()) + ")");
        }
        Collected collected = new Collected((int) shape.get(0), network.classes());
        if (shape.get(0) > 0) {
            try (NDManager scope = batch.getManager().newSubManager()) {
                NDArray view = batch.duplicate();
                view.attach(scope);
                run(view, rule, collected, true);
            }
        }
        return collected.answers();
    }

    /**
     * Runs a batch through every exit without leaving.
     *
     * @param batch {@code (batch, …)}, normalised, not empty
     * @return the evidence at the last exit
     */
    public Evidence trace(NDArray batch) {
        int size = (int) batch.getShape().get(0);
        Evidence[] last = new Evidence[1];
        ExitRule stay = (evidence, samples) -> {
            last[0] = evidence;
            return ExitRule.plan(new int[size]).decide(evidence, samples);
        };
        try (NDManager scope = batch.getManager().newSubManager()) {
            NDArray view = batch.duplicate();
            view.attach(scope);
            run(view, stay, new Collected(size, network.classes()), false);
        }
        if (last[0] == null) {
            throw new IllegalStateException("a network without exits");
        }
        return last[0];
    }

    private void run(NDArray batch, ExitRule rule, Collected collected, boolean checked) {
        int[] rows = IntStream.range(0, collected.size()).toArray();
        NDArray activation = batch;
        // The rows of the activation, and of what is known, that are still under way; null while all are.
        @Nullable NDArray keep = null;
        List<Map<HeadOutput, FloatMatrix>> evidence = new ArrayList<>();
        Map<Head.Input, NDArray> known = new HashMap<>();
        for (int exit = 1; exit <= network.exits(); exit++) {
            NDList inputs = new NDList(activation);
            for (Head.Input input : network.earlierInputs().get(exit - 1)) {
                inputs.add(known.get(input));
            }
            NDList result = keep == null ? stages.run(exit, inputs) : stages.runRows(exit, keep, inputs);
            closeSpent(activation, result);
            activation = result.get(0);
            Map<HeadOutput, NDArray> outputs =
                    EvidenceReader.name(network.outputs().get(exit - 1), result);
            forget(known, exit, keep);
            remember(known, exit, outputs);
            Map<HeadOutput, FloatMatrix> matrices = new EnumMap<>(HeadOutput.class);
            outputs.forEach((output, array) -> matrices.put(output, EvidenceReader.read(array)));
            evidence.add(matrices);
            Evidence seen = new Evidence(network.exits(), rows.length, evidence);
            if (checked) {
                refuseNonFinite(seen, rows);
            }
            ExitRule.Decision decision = rule.decide(seen, rows);
            boolean last = exit == network.exits();
            int[] staying = collected.take(seen, decision, rows, last);
            if (last || staying.length == 0) {
                return;
            }
            keep = null;
            if (staying.length < rows.length) {
                keep = activation
                        .getManager()
                        .create(Arrays.stream(staying).asLongStream().toArray());
                evidence.replaceAll(matrix -> rowsOf(matrix, staying));
                rows = Arrays.stream(staying).map(at(rows)).toArray();
            }
        }
    }

    /** Leaves out what no later stage reads, and the rows that left before this exit. */
    private void forget(Map<Head.Input, NDArray> known, int exit, @Nullable NDArray keep) {
        known.keySet().retainAll(neededAfter(exit));
        if (keep != null) {
            known.replaceAll((input, array) -> compact(array, keep));
        }
    }

    private void remember(Map<Head.Input, NDArray> known, int exit, Map<HeadOutput, NDArray> outputs) {
        for (Head.Input input : neededAfter(exit)) {
            NDArray array = input.exit() == exit ? outputs.get(input.output()) : null;
            if (array != null) {
                known.put(input, array);
            }
        }
    }

    private static java.util.function.IntUnaryOperator at(int[] rows) {
        return position -> rows[position];
    }

    private List<Head.Input> neededAfter(int exit) {
        return IntStream.rangeClosed(exit + 1, network.exits())
                .mapToObj(later -> network.earlierInputs().get(later - 1))
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    private static void closeSpent(NDArray activation, NDList result) {
        boolean reused = result.stream().anyMatch(array -> array == activation);
        if (!reused) {
            activation.close();
        }
    }

    private static NDArray compact(NDArray array, NDArray keep) {
        NDArray compacted = array.get(new NDIndex("{}", keep));
        array.close();
        return compacted;
    }

    private static Map<HeadOutput, FloatMatrix> rowsOf(Map<HeadOutput, FloatMatrix> matrices, int[] rows) {
        Map<HeadOutput, FloatMatrix> selected = new EnumMap<>(HeadOutput.class);
        matrices.forEach((output, matrix) -> selected.put(output, matrix.rows(rows)));
        return selected;
    }

    private static void refuseNonFinite(Evidence evidence, int[] rows) {
        int exit = evidence.exit();
        for (HeadOutput output : HeadOutput.values()) {
            if (evidence.has(exit, output)) {
                FloatMatrix matrix = evidence.output(exit, output);
                for (int row = 0; row < matrix.rows(); row++) {
                    for (int column = 0; column < matrix.columns(); column++) {
                        if (!Float.isFinite(matrix.get(row, column))) {
                            throw new InferenceException("sample " + rows[row] + " of the batch: " + output
                                    + " at exit " + exit + " are " + matrix.get(row, column)
                                    + "; the input holds values the network cannot take, or the weights are broken");
                        }
                    }
                }
            }
        }
    }

    /** Answers on their way to their places. */
    private static final class Collected {
        private final int[] exits;
        private final int[] predictions;
        private final float[] scores;
        private final float[] probabilities;
        private final float[] logits;
        private final int classes;

        Collected(int size, int classes) {
            this.exits = new int[size];
            this.predictions = new int[size];
            this.scores = new float[size];
            this.probabilities = new float[size * classes];
            this.logits = new float[size * classes];
            this.classes = classes;
        }

        int size() {
            return exits.length;
        }

        /** Writes the rows that leave to their places; returns the positions of the others. */
        int[] take(Evidence evidence, ExitRule.Decision decision, int[] rows, boolean last) {
            int[] staying = new int[rows.length];
            int count = 0;
            FloatMatrix logitsHere = evidence.has(evidence.exit(), HeadOutput.LOGITS)
                    ? evidence.logits()
                    : decision.scores().probabilities();
            for (int row = 0; row < rows.length; row++) {
                if (last || decision.leaves()[row]) {
                    int place = rows[row];
                    exits[place] = evidence.exit();
                    predictions[place] = decision.scores().prediction(row);
                    scores[place] = decision.scores().score(row);
                    float[] given = decision.scores().probabilities().row(row);
                    System.arraycopy(given, 0, probabilities, place * classes, classes);
                    System.arraycopy(logitsHere.row(row), 0, logits, place * classes, classes);
                } else {
                    staying[count++] = row;
                }
            }
            return Arrays.copyOf(staying, count);
        }

        Answers answers() {
            return new Answers(
                    exits,
                    predictions,
                    scores,
                    FloatMatrix.wrap(probabilities, exits.length, classes),
                    FloatMatrix.wrap(logits, exits.length, classes));
        }
    }
}
