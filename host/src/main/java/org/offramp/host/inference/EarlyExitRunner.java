package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.host.network.NetworkPlan;

/**
 * Answers batches with computation that really stops: after each stage the samples that leave are written to their place in the
 * answer, the others go on without them. A large batch enters in micro-batches, so that activations stay in the cache; what is left
 * of several goes on together once less than half of a micro-batch is left of each. Thread-safe as far as the stage runner is.
 */
public final class EarlyExitRunner {
    /** Samples that enter together; measured, see docs/performance.md. */
    public static final int MICRO_BATCH = 64;

    private static final HeadOutput[] OUTPUTS = HeadOutput.values();

    private final NetworkPlan network;
    private final StageRunner stages;
    private final StageStep step;
    private final int microBatch;

    /**
     * A runner.
     *
     * @param network its outline
     * @param stages runs its stages
     */
    public EarlyExitRunner(NetworkPlan network, StageRunner stages) {
        this(network, stages, MICRO_BATCH);
    }

    /**
     * A runner.
     *
     * @param network its outline
     * @param stages runs its stages
     * @param microBatch samples that enter together, at least 1
     */
    public EarlyExitRunner(NetworkPlan network, StageRunner stages, int microBatch) {
        if (microBatch < 1) {
            throw new IllegalArgumentException("a micro-batch of " + microBatch + " samples; at least 1");
        }
        this.network = network;
        this.stages = stages;
        this.step = new StageStep(network, stages);
        this.microBatch = microBatch;
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
        int size = size(batch);
        Collected collected = new Collected(size, network.classes());
        if (size == 0) {
            return collected.answers();
        }
        try (NDManager scope = batch.getManager().newSubManager()) {
            if (size == 1) {
                one(alias(batch, scope), rule, collected);
            } else {
                new Batch(rule, collected).run(batch, size, scope);
            }
        }
        return collected.answers();
    }

    /**
     * Answers a batch with the plain backbone, without exits and heads, in the same micro-batches.
     *
     * @param batch {@code (batch, …)}, normalised
     * @return the logits, {@code batch × K}
     * @throws IllegalArgumentException if the shape is not the network's
     */
    public FloatMatrix backbone(NDArray batch) {
        int size = size(batch);
        float[] logits = new float[size * network.classes()];
        try (NDManager scope = batch.getManager().newSubManager()) {
            for (int from = 0; from < size; from += microBatch) {
                try (NDArray part = part(batch, from, Math.min(size, from + microBatch), scope);
                        NDArray result = stages.runBackbone(part)) {
                    float[] values = result.toFloatArray();
                    System.arraycopy(values, 0, logits, from * network.classes(), values.length);
                }
            }
        }
        return FloatMatrix.wrap(logits, size, network.classes());
    }

    /**
     * Runs a batch through every exit without leaving.
     *
     * @param batch {@code (batch, …)}, normalised, not empty
     * @return the evidence at the last exit
     */
    public Evidence trace(NDArray batch) {
        int size = size(batch);
        try (NDManager scope = batch.getManager().newSubManager()) {
            Group group =
                    Group.entering(alias(batch, scope), IntStream.range(0, size).toArray());
            while (group.exit() < network.exits()) {
                group = step.pass(group);
            }
            return step.evidence(group);
        }
    }

    private int size(NDArray batch) {
        Shape shape = batch.getShape();
        if (shape.dimension() < 1 || !shape.slice(1).equals(network.inputShape())) {
            throw new IllegalArgumentException("a batch of shape " + shape + "; the network takes (batch, "
                    + Arrays.toString(network.inputShape().getShape()) + ")");
        }
        return (int) shape.get(0);
    }

    /** The same memory as an array of the scope. */
    private static NDArray alias(NDArray batch, NDManager scope) {
        NDArray view = batch.reshape(batch.getShape());
        view.attach(scope);
        return view;
    }

    private static NDArray part(NDArray batch, int from, int to, NDManager scope) {
        if (from == 0 && to == batch.getShape().get(0)) {
            return alias(batch, scope);
        }
        NDArray view = batch.get(new NDIndex(from + ":" + to));
        view.attach(scope);
        return view;
    }

    /** A batch of one: the sample goes on or stops; nothing is compacted. */
    private void one(NDArray sample, ExitRule rule, Collected collected) {
        Group group = step.enter(sample, rule.needs());
        Evidence evidence = step.evidence(group);
        for (int exit = 1; exit < group.exit(); exit++) {
            refuseNonFinite(evidence.upTo(exit), group.samples());
        }
        while (decided(evidence, rule, collected, group.samples()).length > 0) {
            group = step.pass(group);
            evidence = step.evidence(group);
        }
    }

    /** Writes the answers of those that leave; the positions of the others. */
    private static int[] decided(Evidence evidence, ExitRule rule, Collected collected, int[] samples) {
        refuseNonFinite(evidence, samples);
        return collected.take(evidence, rule.decide(evidence, samples), samples);
    }

    /** A batch at work. */
    private final class Batch {
        private final ExitRule rule;
        private final Collected collected;
        /** Behind exit 1 … N − 1: what is left of micro-batches that shrank below half. */
        private final List<List<Group>> waiting = new ArrayList<>();

        Batch(ExitRule rule, Collected collected) {
            this.rule = rule;
            this.collected = collected;
            for (int exit = 1; exit < network.exits(); exit++) {
                waiting.add(new ArrayList<>());
            }
        }

        void run(NDArray batch, int size, NDManager scope) {
            for (int from = 0; from < size; from += microBatch) {
                int to = Math.min(size, from + microBatch);
                Group group = Group.entering(
                        part(batch, from, to, scope), IntStream.range(from, to).toArray());
                go(group, size > microBatch);
            }
            for (List<Group> left : waiting) {
                if (!left.isEmpty()) {
                    go(joined(left), true);
                }
            }
        }

        private Group joined(List<Group> groups) {
            Group whole = Group.join(groups);
            groups.clear();
            return whole;
        }

        private void go(Group entering, boolean mayWait) {
            @Nullable Group group = entering;
            while (group != null) {
                group = decide(step.pass(group));
                if (group != null && mayWait && group.size() < (microBatch + 1) / 2) {
                    List<Group> there = waiting.get(group.exit() - 1);
                    there.add(group);
                    boolean enough = there.stream().mapToInt(Group::size).sum() >= (microBatch + 1) / 2;
                    group = enough ? joined(there) : null;
                }
            }
        }

        /** Those that go on; null if nobody does. */
        private @Nullable Group decide(Group group) {
            Evidence evidence = step.evidence(group);
            int[] staying = decided(evidence, rule, collected, group.samples());
            if (staying.length == 0) {
                group.close();
                return null;
            }
            return group.staying(staying);
        }
    }

    private static void refuseNonFinite(Evidence evidence, int[] samples) {
        int row = firstNonFinite(evidence);
        if (row >= 0) {
            throw new InferenceException("sample " + samples[row] + " of the batch: " + nonFinite(evidence, row));
        }
    }

    /** The first row with a NaN or infinite output at the exit to be decided; -1 if there is none. */
    private static int firstNonFinite(Evidence evidence) {
        for (int row = 0; row < evidence.size(); row++) {
            if (!nonFinite(evidence, row).isEmpty()) {
                return row;
            }
        }
        return -1;
    }

    /** What is not finite among a sample's outputs at the exit to be decided; empty if nothing. */
    static String nonFinite(Evidence evidence, int row) {
        int exit = evidence.exit();
        for (HeadOutput output : OUTPUTS) {
            if (evidence.has(exit, output)) {
                FloatMatrix matrix = evidence.output(exit, output);
                for (int column = 0; column < matrix.columns(); column++) {
                    if (!Float.isFinite(matrix.get(row, column))) {
                        return output + " at exit " + exit + " are " + matrix.get(row, column)
                                + "; the input holds values the network cannot take, or the weights are broken";
                    }
                }
            }
        }
        return "";
    }
}
