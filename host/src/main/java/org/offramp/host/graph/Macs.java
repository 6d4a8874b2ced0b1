package org.offramp.host.graph;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/**
 * Counts multiply-accumulates by running a function once on recording arrays.
 *
 * <p>What counts: convolutions (one for each weight that an output value uses, so groups and dilation are counted rightly), linear layers
 * (rows × inputs × outputs), products of matrices (size of the result × inner length), recurrent layers (each weight once a step). What
 * does not: biases, normalisation, activations, pooling, sums, element-wise products, softmax, embeddings and other looking up. There is
 * no other count in the host.
 */
public final class Macs {
    private Macs() {}

    /**
     * The MACs of one sample. A pure function: the same answer on every call.
     *
     * @param function what to count, in inference mode
     * @param inputShapes the shapes of its inputs, without the batch dimension
     */
    public static long perSample(StageFunction function, List<Shape> inputShapes) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Recorder recorder = new Recorder(Recorder.Purpose.COUNTING, Map.of());
            NDList inputs = new NDList();
            for (Shape shape : inputShapes) {
                inputs.add(recorder.input(manager.zeros(new Shape(1).addAll(shape), DataType.FLOAT32)));
            }
            function.forward(new RecordingStore(recorder, manager), inputs, false);
            return recorder.macs();
        }
    }
}
