package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Published parameters of a safetensors file, handed to blocks that are initialised later. Every error names the tensor. */
final class PretrainedWeights {
    private final Path file;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private record Tensor(Shape shape, float[] values) {}

    /**
     * Reads a file.
     *
     * @param file a safetensors file
     * @throws IllegalArgumentException if it cannot be read or holds a tensor of another type than F32 (counters aside)
     */
    PretrainedWeights(Path file) {
        this.file = file;
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("weights: there is no file " + file.toAbsolutePath());
        }
        try (NDManager manager = NDManager.newBaseManager();
                InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (NDArray array : NDList.decode(manager, in)) {
                if (array.getName().endsWith("num_batches_tracked")) {
                    continue;
                }
                if (array.getDataType() != DataType.FLOAT32) {
                    throw new IllegalArgumentException(
                            "weights: " + file + ": '" + array.getName() + "' is " + array.getDataType() + ", not F32");
                }
                tensors.put(array.getName(), new Tensor(array.getShape(), array.toFloatArray()));
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    e instanceof IllegalArgumentException
                                    && String.valueOf(e.getMessage()).startsWith("weights: ")
                            ? e.getMessage()
                            : "weights: " + file + ": not a whole safetensors file: " + e.getMessage(),
                    e);
        }
    }

    /**
     * Gives a network's parameters their published values.
     *
     * @param blocks the blocks in order, not initialised
     * @param names the names of their parameters in the file, in the order of the blocks' parameters
     * @throws IllegalArgumentException if a tensor is missing or left over
     */
    void give(List<Block> blocks, List<String> names) {
        List<Parameter> parameters = new ArrayList<>();
        blocks.forEach(block -> parameters.addAll(block.getParameters().values()));
        if (parameters.size() != names.size()) {
            throw new IllegalStateException(parameters.size() + " parameters and " + names.size() + " names");
        }
        Map<String, Tensor> left = new LinkedHashMap<>(tensors);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            Tensor tensor = left.remove(name);
            if (tensor == null) {
                throw new IllegalArgumentException("weights: " + file + ": there is no tensor '" + name + "'");
            }
            parameters.get(i).setInitializer((manager, shape, type) -> create(manager, name, tensor, shape));
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("weights: " + file + ": the tensor '"
                    + left.keySet().iterator().next() + "' belongs to no part of this network");
        }
    }

    private NDArray create(NDManager manager, String name, Tensor tensor, Shape shape) {
        if (!shape.equals(tensor.shape())) {
            throw new IllegalArgumentException("weights: " + file + ": '" + name + "' has the shape " + tensor.shape()
                    + ", this network needs " + shape);
        }
        try (NDArray array = manager.create(tensor.values(), shape)) {
            // A copy in the engine's own memory; the array lies in Java's.
            return array.duplicate();
        }
    }
}
