package org.offramp.host.graph;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.offramp.host.training.StepMemory;

/** Compares what a Block gives operation by operation with what it gives compiled; for one comparison each. */
final class Comparison implements AutoCloseable {
    /** One sample, the smallest batches, and a larger one. */
    private static final int[] BATCHES = {1, 2, 7, 64};

    private static final String METHOD = "run";

    private final Subject subject;
    private final Compiler.Form form;
    private final NDManager manager = NDManager.newBaseManager();
    private final Block block;
    private final LiveStore store = new LiveStore(manager);
    private final int[] trainingBatches;
    private final Tape tape = new Tape();

    Comparison(Subject subject, Compiler.Form form) {
        this.subject = subject;
        this.form = form;
        this.trainingBatches = form.isTraining() ? trainingBatches() : new int[0];
        this.block = subject.make(manager);
    }

    /**
     * The largest difference relative to the largest value, over all batch sizes, in inference.
     *
     * @throws UntraceableException if it cannot be compiled
     */
    double inference() {
        // As the host has them; the engine multiplies matrices otherwise where gradients are wanted.
        block.freezeParameters(true);
        Compiler compiler = new Compiler(Subject.parameters(block), form);
        compiler.add(METHOD, block::forward, subject.shapes(), false);
        double worst = 0;
        try (CompiledModule module = new CompiledModule(compiler.archive())) {
            for (int batch : batches()) {
                try (NDManager scope = manager.newSubManager()) {
                    NDList inputs = subject.inputs(scope, batch, batch);
                    NDList expected = block.forward(store, inputs, false);
                    worst = Math.max(worst, difference(expected, module.call(METHOD, inputs)));
                }
            }
        }
        return worst;
    }

    /**
     * The largest differences in training mode.
     *
     * @param outputs of the outputs, relative to the largest value
     * @param gradients of all gradients together, as the length of the difference relative to the length
     * @param statistics of the running statistics
     */
    record Differences(double outputs, double gradients, double statistics) {
        Differences worse(Differences other) {
            return new Differences(
                    Math.max(outputs, other.outputs),
                    Math.max(gradients, other.gradients),
                    Math.max(statistics, other.statistics));
        }
    }

    /**
     * Forward and backward passes over all batch sizes, one after the other.
     *
     * @throws UntraceableException if it cannot be compiled
     */
    Differences training() {
        Compiler compiler = new Compiler(Subject.parameters(block), form);
        compiler.addTrained(METHOD, block::forward, subject.shapes(), true, true);
        try (CompiledModule module = new CompiledModule(compiler.archive());
                NDManager scope = manager.newSubManager()) {
            Map<String, NDArray> own = module.parameters(scope);
            List<NDArray[]> pairs = new ArrayList<>();
            compiler.parameters().forEach((name, parameter) -> {
                NDArray theirs = Objects.requireNonNull(own.get(name));
                theirs.setRequiresGradient(parameter.requiresGradient());
                pairs.add(new NDArray[] {parameter.getArray(), theirs});
            });
            int outputs = compiler.outputs(METHOD);
            return passes(pairs, inputs -> tape.call(module, METHOD, outputs, true, inputs), 1);
        }
    }

    /** The same of the Block against itself on inputs that differ in their last digits: what rounding alone makes of it. */
    Differences rounding() {
        Block twin = subject.make(manager);
        if (twin == block) {
            return new Differences(0, 0, 0);
        }
        List<NDArray[]> pairs = new ArrayList<>();
        for (int i = 0; i < block.getParameters().size(); i++) {
            pairs.add(new NDArray[] {
                block.getParameters().valueAt(i).getArray(),
                twin.getParameters().valueAt(i).getArray()
            });
        }
        return passes(pairs, inputs -> twin.forward(store, inputs, true), 1 + 3e-7f);
    }

    private Differences passes(List<NDArray[]> parameters, Runs other, float scale) {
        Differences worst = new Differences(0, 0, 0);
        for (int batch : trainingBatches) {
            // Without it the backward pass may read a number's memory that the garbage collector gave to something
            // else.
            try (StepMemory memory = new StepMemory();
                    NDManager scope = manager.newSubManager()) {
                memory.suppressNotUsedWarning();
                worst = worst.worse(step(scope, parameters, other, batch, scale));
            }
        }
        return worst;
    }

    private Differences step(NDManager scope, List<NDArray[]> parameters, Runs other, int batch, float scale) {
        NDList plainInputs = inputs(scope, batch, 1);
        NDList otherInputs = inputs(scope, batch, scale);
        NDList expected = run(plainInputs, batch, given -> block.forward(store, given, true));
        NDList given = run(otherInputs, batch, other);
        List<NDArray[]> pairs = new ArrayList<>(parameters);
        for (int i = 0; i < plainInputs.size(); i++) {
            pairs.add(new NDArray[] {plainInputs.get(i), otherInputs.get(i)});
        }
        double squared = 0;
        double length = 0;
        double statistics = 0;
        for (NDArray[] pair : pairs) {
            if (pair[0].hasGradient()) {
                try (NDArray gradient = pair[0].getGradient();
                        NDArray theirs = pair[1].getGradient()) {
                    squared += gradient.sub(theirs).square().sum().getFloat();
                    length += gradient.square().sum().getFloat();
                }
            } else if (subject.tokens() == 0 || parameters.contains(pair)) {
                statistics =
                        Math.max(statistics, pair[0].sub(pair[1]).abs().max().getFloat());
            }
        }
        return new Differences(difference(expected, given), Math.sqrt(squared / Math.max(length, 1e-12)), statistics);
    }

    private NDList inputs(NDManager scope, int batch, float scale) {
        NDList inputs = new NDList();
        for (NDArray input : subject.inputs(scope, batch, batch)) {
            NDArray scaled = scale == 1 ? input : input.mul(scale);
            scaled.setRequiresGradient(subject.tokens() == 0);
            inputs.add(scaled);
        }
        return inputs;
    }

    private interface Runs {
        NDList on(NDList inputs);
    }

    /** Forward and backward, with the same chance every time. */
    private NDList run(NDList inputs, int batch, Runs function) {
        manager.getEngine().setRandomSeed(batch);
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDList outputs = function.on(inputs);
            NDArray first = outputs.get(0);
            NDArray weights = first.getManager()
                    .create(weights((int) first.size()), first.getShape())
                    .duplicate();
            tape.backward(collector, first.mul(weights).sum());
            return outputs;
        }
    }

    private static float[] weights(int size) {
        float[] weights = new float[size];
        for (int i = 0; i < size; i++) {
            weights[i] = (float) Math.sin(i);
        }
        return weights;
    }

    private int[] batches() {
        return IntStream.concat(
                        Arrays.stream(BATCHES)
                                .filter(batch -> batch >= subject.smallest() && batch < subject.largest()),
                        IntStream.of(subject.largest()))
                .toArray();
    }

    /** BatchNorm over a single value is refused by DJL, though not by the engine; the host never compiles that. */
    private int[] trainingBatches() {
        try (NDManager scope = manager.newSubManager()) {
            subject.make(manager).forward(store, subject.inputs(scope, 1, 1), true);
            return batches();
        } catch (EngineException e) {
            if (String.valueOf(e.getMessage()).contains("more than 1 value per channel")) {
                return Arrays.stream(batches()).filter(batch -> batch > 1).toArray();
            }
            throw e;
        }
    }

    private static double difference(NDList expected, NDList given) {
        if (expected.size() != given.size()) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).getShape().equals(given.get(i).getShape())) {
                return Double.POSITIVE_INFINITY;
            }
            if (Arrays.equals(bytes(expected.get(i)), bytes(given.get(i)))) {
                continue;
            }
            double largest = expected.get(i).abs().max().getFloat();
            double difference = expected.get(i).sub(given.get(i)).abs().max().getFloat();
            worst = Math.max(
                    worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference / Math.max(largest, 1e-3));
        }
        return worst;
    }

    private static byte[] bytes(NDArray array) {
        java.nio.ByteBuffer buffer = array.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        manager.close();
    }
}
