package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** A backbone with initialised parameters, as the host would hold it. */
final class Network {
    private final NDManager manager;
    private final Backbone backbone;

    Network(NDManager manager, Backbone backbone) {
        this.manager = manager;
        this.backbone = backbone;
        manager.getEngine().setRandomSeed(7);
        Shape shape = new Shape(1).addAll(backbone.inputShape());
        for (Stage stage : backbone.stages()) {
            stage.block().initialize(manager, DataType.FLOAT32, shape);
            shape = stage.block().getOutputShapes(new Shape[] {shape})[0];
        }
    }

    /** The activation after every stage. */
    List<NDArray> activations(NDArray input, boolean training) {
        ParameterStore store = new ParameterStore(manager, false);
        List<NDArray> activations = new ArrayList<>();
        NDArray x = input;
        for (Stage stage : backbone.stages()) {
            x = stage.block().forward(store, new NDList(x), training).singletonOrThrow();
            activations.add(x);
        }
        return activations;
    }

    NDArray logits(NDArray input) {
        List<NDArray> activations = activations(input, false);
        return activations.get(activations.size() - 1);
    }

    Block block(int stage) {
        return backbone.stages().get(stage - 1).block();
    }

    List<Parameter> trainable() {
        return backbone.stages().stream()
                .flatMap(stage -> stage.block().getParameters().stream())
                .map(Pair::getValue)
                .filter(Parameter::requiresGradient)
                .toList();
    }

    long trainableNumbers() {
        return trainable().stream()
                .mapToLong(parameter -> parameter.getArray().getShape().size())
                .sum();
    }
}
