package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A Block to trace.
 *
 * @param group the heading of its row in the table of what can be compiled
 * @param name what it is
 * @param block makes it
 * @param shapes the shapes of its inputs, without the batch dimension
 * @param tokens how many different whole numbers its inputs hold; 0 for any real numbers
 * @param smallest the smallest batch it is run on
 * @param largest the largest batch
 */
record Subject(
        String group, String name, Supplier<Block> block, List<Shape> shapes, int tokens, int smallest, int largest) {
    static Subject of(String group, String name, Supplier<Block> block, long... shape) {
        return new Subject(group, name, block, List.of(new Shape(shape)), 0, 1, 64);
    }

    Subject upTo(int batch) {
        return new Subject(group, name, block, shapes, tokens, smallest, batch);
    }

    Subject onTokens(int count) {
        return new Subject(group, name, block, shapes, count, smallest, largest);
    }

    /** The Block with values that matter in every parameter, running statistics included. */
    Block make(NDManager manager) {
        Block made = block.get();
        if (!made.isInitialized()) {
            manager.getEngine().setRandomSeed(1);
            made.initialize(
                    manager,
                    DataType.FLOAT32,
                    shapes.stream().map(shape -> new Shape(2).addAll(shape)).toArray(Shape[]::new));
        }
        Random random = new Random(2);
        for (Parameter parameter : made.getParameters().values()) {
            NDArray array = parameter.getArray();
            float[] values = array.toFloatArray();
            boolean positive = parameter.getType() == Parameter.Type.RUNNING_VAR;
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (values[i] + 0.02 * (positive ? random.nextDouble() : random.nextGaussian()));
            }
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
            bytes.asFloatBuffer().put(values);
            array.set(bytes);
            if (array.hasGradient()) {
                try (NDArray gradient = array.getGradient()) {
                    gradient.subi(gradient);
                }
            }
        }
        return made;
    }

    static Map<String, Parameter> parameters(Block block) {
        Map<String, Parameter> byName = new LinkedHashMap<>();
        block.getParameters().forEach(pair -> byName.put(pair.getKey(), pair.getValue()));
        return byName;
    }

    NDList inputs(NDManager manager, int batch, long seed) {
        Random random = new Random(seed);
        NDList inputs = new NDList();
        for (Shape shape : shapes) {
            float[] values = new float[(int) shape.size() * batch];
            // A third list of words is a mask: it hides the last word of some samples.
            boolean mask = tokens > 0 && inputs.size() == 2;
            for (int i = 0; i < values.length; i++) {
                boolean shown = mask && i % shape.size() < shape.size() - 1;
                values[i] = shown ? 1 : tokens > 0 ? random.nextInt(tokens) : (float) random.nextGaussian();
            }
            // Memory of the engine's own: Java's is aligned at chance, and the last digits with it.
            inputs.add(manager.create(values, new Shape(batch).addAll(shape)).duplicate());
        }
        return inputs;
    }

    @Override
    public String toString() {
        return group + ": " + name;
    }
}
