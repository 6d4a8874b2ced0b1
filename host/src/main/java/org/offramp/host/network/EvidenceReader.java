package org.offramp.host.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Turns the engine's arrays into evidence. */
public final class EvidenceReader {
    private EvidenceReader() {}

    /**
     * Names what a stage returned.
     *
     * @param outputs the outputs in order
     * @param result the activation, then the outputs
     */
    public static Map<HeadOutput, NDArray> name(List<HeadOutput> outputs, NDList result) {
        Map<HeadOutput, NDArray> named = new EnumMap<>(HeadOutput.class);
        for (int i = 0; i < outputs.size(); i++) {
            named.put(outputs.get(i), result.get(i + 1));
        }
        return named;
    }

    /**
     * Copies an output out of the engine.
     *
     * @param array {@code (batch, k)}
     */
    public static FloatMatrix read(NDArray array) {
        long[] shape = array.getShape().getShape();
        return FloatMatrix.wrap(array.toFloatArray(), (int) shape[0], (int) shape[1]);
    }

    /**
     * Evidence of the exits so far.
     *
     * @param exits the number of exits N
     * @param outputs for exit 1, 2, … the outputs; exits without a head give an empty map
     * @param size the number of samples
     */
    public static Evidence read(int exits, List<Map<HeadOutput, NDArray>> outputs, int size) {
        List<Map<HeadOutput, FloatMatrix>> matrices = new ArrayList<>();
        for (Map<HeadOutput, NDArray> exit : outputs) {
            Map<HeadOutput, FloatMatrix> copy = new EnumMap<>(HeadOutput.class);
            exit.forEach((output, array) -> copy.put(output, read(array)));
            matrices.add(copy);
        }
        return new Evidence(exits, size, matrices);
    }
}
