package org.offramp.host.graph;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Traces a function with batches of two and of three samples; a whole number that differs between the two
 * depends on the batch.
 */
final class Tracer {
    private static final int FEWER = 2;
    private static final int MORE = 3;

    private Tracer() {}

    /**
     * Traces.
     *
     * @param function the function
     * @param inputShapes the shapes of its inputs, without the batch dimension
     * @param parameters by name: their arrays may only be had through the parameter store
     * @param purpose whether it is compiled for inference or for training
     * @param training whether the function is in training mode
     * @throws UntraceableException if it cannot be written down for every batch size
     */
    static Graph trace(
            StageFunction function,
            List<Shape> inputShapes,
            Map<String, Parameter> parameters,
            Recorder.Purpose purpose,
            boolean training) {
        try {
            return merge(
                    once(function, inputShapes, new Recorder(purpose, parameters), training, FEWER),
                    once(function, inputShapes, new Recorder(purpose, parameters), training, MORE));
        } catch (UnsupportedOperationException | IllegalArgumentException | ClassCastException | EngineException e) {
            throw new UntraceableException("it cannot be run on recording arrays: " + e.getMessage());
        }
    }

    private static Graph once(
            StageFunction function, List<Shape> inputShapes, Recorder recorder, boolean training, int batch) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList inputs = new NDList();
            for (Shape shape : inputShapes) {
                inputs.add(recorder.input(manager.zeros(new Shape(batch).addAll(shape), DataType.FLOAT32)));
            }
            return recorder.graph(function.forward(new RecordingStore(recorder, manager), inputs, training));
        }
    }

    private static Graph merge(Graph fewer, Graph more) {
        if (fewer.operations().size() != more.operations().size()
                || !fewer.outputs().equals(more.outputs())
                || !fewer.parameters().equals(more.parameters())
                || !fewer.constants().keySet().equals(more.constants().keySet())) {
            throw new UntraceableException("its operations depend on the size of the batch");
        }
        List<Operation> operations = new ArrayList<>();
        Map<Integer, Tensor> constants = new LinkedHashMap<>();
        for (Map.Entry<Integer, Tensor> entry : fewer.constants().entrySet()) {
            Tensor other = more.constants().get(entry.getKey());
            if (other == null) {
                throw new IllegalStateException("a constant is missing");
            }
            if (entry.getValue().equals(other)) {
                constants.put(entry.getKey(), entry.getValue());
            } else {
                operations.add(filled(entry.getKey(), entry.getValue(), other));
            }
        }
        for (int i = 0; i < fewer.operations().size(); i++) {
            operations.add(merge(fewer.operations().get(i), more.operations().get(i)));
        }
        return new Graph(
                fewer.inputs(), operations, constants, fewer.parameters(), fewer.outputs(), fewer.shapes(), List.of());
    }

    /** A constant whose shape follows the batch: all its elements must be the same. */
    private static Operation filled(int id, Tensor fewer, Tensor more) {
        boolean same = fewer.isUniform()
                && more.isUniform()
                && fewer.type() == more.type()
                && fewer.first().equals(more.first())
                && fewer.shape().dimension() == more.shape().dimension();
        if (!same) {
            throw new UntraceableException("a constant of shape " + fewer.shape()
                    + " depends on the size of the batch and is not the same value everywhere");
        }
        Argument shape = merge(
                "a constant",
                Argument.of(fewer.shape().getShape()),
                Argument.of(more.shape().getShape()));
        return new Operation(
                "torch.full",
                List.of(
                        shape,
                        Argument.of(fewer.first()),
                        new Argument.Named("dtype", Argument.of(Vocabulary.code(fewer.type())))),
                id,
                fewer.shape(),
                fewer.type());
    }

    private static Operation merge(Operation fewer, Operation more) {
        if (!fewer.function().equals(more.function())
                || fewer.arguments().size() != more.arguments().size()
                || fewer.result() != more.result()) {
            throw new UntraceableException("its operations depend on the size of the batch (" + fewer.function() + ", "
                    + more.function() + ")");
        }
        List<Argument> arguments = new ArrayList<>();
        for (int i = 0; i < fewer.arguments().size(); i++) {
            arguments.add(merge(
                    fewer.function(), fewer.arguments().get(i), more.arguments().get(i)));
        }
        return fewer.with(arguments);
    }

    private static Argument merge(String function, Argument fewer, Argument more) {
        if (fewer instanceof Argument.Whole one && more instanceof Argument.Whole other) {
            return new Argument.Whole(merge(one.number(), other.number()));
        }
        if (fewer instanceof Argument.Wholes some
                && more instanceof Argument.Wholes others
                && some.numbers().size() == others.numbers().size()) {
            List<Argument.BatchSize> merged = new ArrayList<>();
            for (int i = 0; i < some.numbers().size(); i++) {
                merged.add(merge(some.numbers().get(i), others.numbers().get(i)));
            }
            return new Argument.Wholes(merged);
        }
        if (fewer.equals(more)) {
            return fewer;
        }
        throw new UntraceableException("an argument of " + function + " depends on the size of the batch");
    }

    private static Argument.BatchSize merge(Argument.BatchSize fewer, Argument.BatchSize more) {
        long factor = (more.offset() - fewer.offset()) / (MORE - FEWER);
        return new Argument.BatchSize(factor, fewer.offset() - factor * FEWER);
    }
}
