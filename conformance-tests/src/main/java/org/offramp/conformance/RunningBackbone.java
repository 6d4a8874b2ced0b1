package org.offramp.conformance;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** A backbone whose parameters are initialised from a fixed seed, as the host holds it. */
final class RunningBackbone implements AutoCloseable {
    private static final int SEED = 7;
    private static final int TOKENS = 16;

    private final NDManager manager;
    private final Backbone backbone;
    private final ParameterStore store;

    RunningBackbone(Backbone backbone) {
        this.backbone = backbone;
        manager = NDManager.newBaseManager();
        store = new ParameterStore(manager, false);
        Engine.getInstance().setRandomSeed(SEED);
        Shape shape = new Shape(1).addAll(backbone.inputShape());
        for (Stage stage : backbone.stages()) {
            stage.block().initialize(manager, DataType.FLOAT32, shape);
            shape = stage.block().getOutputShapes(new Shape[] {shape})[0];
        }
    }

    Backbone backbone() {
        return backbone;
    }

    /** Holds the parameters. */
    NDManager manager() {
        return manager;
    }

    /** A manager for one pass; the caller closes it. */
    NDManager step() {
        return manager.newSubManager();
    }

    /**
     * Samples drawn from a seed: numbers in 0 … 1, or whole numbers below 16 where a sample has one dimension, as token ids have.
     */
    NDArray input(NDManager step, int batch, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Shape shape = new Shape(batch).addAll(backbone.inputShape());
        float[] values = new float[Math.toIntExact(shape.size())];
        boolean tokens = backbone.inputShape().dimension() == 1;
        for (int i = 0; i < values.length; i++) {
            values[i] = tokens ? random.nextInt(TOKENS) : random.nextFloat();
        }
        return step.create(values, shape);
    }

    /** What every stage gives in inference, by stage. */
    List<NDList> outputs(NDArray input) {
        return outputs(input, store);
    }

    /** What every stage gives in inference, with parameters from a store of the caller's. */
    List<NDList> outputs(NDArray input, ParameterStore parameters) {
        List<NDList> outputs = new ArrayList<>();
        NDArray activation = input;
        for (Stage stage : backbone.stages()) {
            NDList output = stage.block().forward(parameters, new NDList(activation), false);
            outputs.add(output);
            activation = output.get(0);
        }
        return outputs;
    }

    /** What one stage, counted from 1, gives in inference. */
    NDArray forward(int stage, NDArray activation) {
        return backbone.stages()
                .get(stage - 1)
                .block()
                .forward(store, new NDList(activation), false)
                .get(0);
    }

    /** The logits in inference, {@code (batch, K)}. */
    NDArray logits(NDArray input) {
        List<NDList> outputs = outputs(input);
        return outputs.get(outputs.size() - 1).get(0);
    }

    /** The logits of samples drawn from a seed, row by row. */
    float[] logits(int batch, long seed) {
        try (NDManager step = step()) {
            return logits(input(step, batch, seed)).toFloatArray();
        }
    }

    /** The parameters by stage number and name, in order. */
    Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        int number = 0;
        for (Stage stage : backbone.stages()) {
            number++;
            for (Pair<String, Parameter> pair : stage.block().getParameters()) {
                parameters.put(number + "/" + pair.getKey(), pair.getValue());
            }
        }
        return parameters;
    }

    @Override
    public void close() {
        manager.close();
    }
}
