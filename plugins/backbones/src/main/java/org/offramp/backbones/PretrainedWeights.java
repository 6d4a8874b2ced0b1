package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Published parameters of a safetensors file, handed to blocks that are initialised later. Every error names the tensor. */
final class PretrainedWeights {
    private final SafetensorsFile file;
    private final Predicate<String> ignored;
    private final Predicate<String> fresh;
    private final Compression compression;

    /**
     * Opens a file.
     *
     * @param file a safetensors file
     * @param ignored tensors of the file that need not belong to the network
     * @param fresh parameters of the network that keep their random values, whatever the file holds under their names
     * @param compression what is done to the values
     * @throws IllegalArgumentException if the file is not a whole safetensors file
     */
    PretrainedWeights(Path file, Predicate<String> ignored, Predicate<String> fresh, Compression compression) {
        this.file = SafetensorsFile.open(file);
        this.ignored = ignored.or(name -> name.endsWith(".num_batches_tracked"));
        this.fresh = fresh;
        this.compression = compression;
    }

    /** The file's tensors. */
    Set<String> names() {
        return file.names();
    }

    /**
     * Gives a network's parameters their published values and checks that they fit.
     *
     * @param dict the parameters by name
     * @param blocks the blocks in order, not initialised
     * @param inputShape the shape of a sample
     * @return the size of the parameters and how many of them are not 0
     * @throws IllegalArgumentException if a tensor is missing, left over, or of the wrong shape or data type
     */
    Map<String, Double> give(StateDict dict, List<Block> blocks, Shape inputShape) {
        Map<String, Parameter> wanted = new LinkedHashMap<>(dict.parameters());
        wanted.keySet().removeIf(fresh);
        for (String name : wanted.keySet()) {
            if (!file.names().contains(name)) {
                throw wrong("there is no tensor '" + name + "'");
            }
            if (!file.isReal(name)) {
                file.values(name);
            }
        }
        Set<String> left = new LinkedHashSet<>(file.names());
        left.removeAll(wanted.keySet());
        left.removeIf(ignored.or(fresh));
        if (!left.isEmpty()) {
            throw wrong("the tensor '" + left.iterator().next() + "' belongs to no part of this network");
        }
        wanted.forEach((name, parameter) -> parameter.setInitializer((manager, shape, type) -> {
            checkShape(name, shape);
            return manager.zeros(shape, type);
        }));
        initializeOnce(blocks, inputShape);
        wanted.forEach(
                (name, parameter) -> parameter.setInitializer((manager, shape, type) -> create(manager, name, shape)));
        return figures(dict);
    }

    /** Shapes are known to a block once it is initialised; so they are checked before the host does it in earnest. */
    private static void initializeOnce(List<Block> blocks, Shape inputShape) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Shape[] shapes = {new Shape(1).addAll(inputShape)};
            for (Block block : blocks) {
                block.initialize(manager, DataType.FLOAT32, shapes);
                shapes = block.getOutputShapes(shapes);
            }
            blocks.forEach(Block::clear);
        }
    }

    private Map<String, Double> figures(StateDict dict) {
        double bytes = 0;
        for (Map.Entry<String, Parameter> entry : dict.parameters().entrySet()) {
            Shape shape = entry.getValue().getShape();
            bytes += fresh.test(entry.getKey()) ? 4 * shape.size() : compression.bytes(shape);
        }
        return Map.of("weight-bytes", bytes, "pruned-fraction", compression.pruned());
    }

    private void checkShape(String name, Shape shape) {
        if (!shape.equals(file.shape(name))) {
            throw wrong("'" + name + "' has the shape " + file.shape(name) + ", this network needs " + shape);
        }
    }

    private NDArray create(NDManager manager, String name, Shape shape) {
        checkShape(name, shape);
        float[] values = file.values(name);
        compression.apply(values, shape);
        try (NDArray array = manager.create(values, shape)) {
            // A copy in the engine's own memory; the array lies in Java's.
            return array.duplicate();
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("weights: " + file.file() + ": " + what);
    }

    /** The blocks of stages, as a list. */
    static List<Block> blocks(List<org.offramp.api.Stage> stages) {
        List<Block> blocks = new ArrayList<>();
        stages.forEach(stage -> blocks.add(stage.block()));
        return blocks;
    }
}
