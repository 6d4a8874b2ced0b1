package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import java.util.Optional;
import org.offramp.host.network.Network;
import org.offramp.host.network.NetworkPlan;

/** Runs a stage with its heads in inference mode. Thread-safe. */
public interface StageRunner extends AutoCloseable {
    /**
     * Runs stage n and the heads of exit n.
     *
     * @param exit n, counted from 1
     * @param inputs the activation after stage n - 1 (or the samples), then the earlier outputs its heads read
     * @return the activation after stage n, then the exit's outputs; attached to the manager of the first input
     */
    NDList run(int exit, NDList inputs);

    /**
     * Runs stage n on some rows of its inputs.
     *
     * @param exit n, counted from 1
     * @param rows the rows' numbers, INT64
     * @param inputs as of {@link #run}, for all rows
     * @return as of {@link #run}, for the picked rows
     */
    default NDList runRows(int exit, NDArray rows, NDList inputs) {
        NDList picked = new NDList(inputs.size());
        inputs.forEach(input -> picked.add(input.get(new NDIndex("{}", rows))));
        NDList result = run(exit, picked);
        picked.stream().filter(array -> !result.contains(array)).forEach(NDArray::close);
        return result;
    }

    /**
     * Takes a batch of one through stages in one call, on from every exit whose logits give less than a sample needs to leave there.
     *
     * @param sample the batch of one
     * @param needs three numbers for every exit 1 … N − 1, of {@link OneCall#needs}
     * @return where it stopped; empty where stages have to be called one by one
     */
    default Optional<Stopped> runOne(NDArray sample, double[] needs) {
        return Optional.empty();
    }

    /**
     * What a call of {@link #runOne} gave.
     *
     * @param values the values of all outputs of exit 1, then of exit 2, … up to where it stopped
     * @param arrays the activation there and the outputs that heads of later exits read ({@link NetworkPlan#readAfter}), attached to the
     *     manager of the sample; empty behind the last exit
     */
    record Stopped(float[] values, NDList arrays) {}

    /**
     * Runs the plain backbone without heads.
     *
     * @param batch the samples
     * @return the logits
     */
    NDArray runBackbone(NDArray batch);

    /** Frees what belongs to this runner alone; as a rule nothing does. */
    @Override
    default void close() {}

    /**
     * Runs every operation of the network's blocks by itself.
     *
     * @param network the network
     */
    static StageRunner opByOp(Network network) {
        return new StageRunner() {
            @Override
            public NDList run(int exit, NDList inputs) {
                return network.forward(network.parameters(), exit, inputs);
            }

            @Override
            public NDArray runBackbone(NDArray batch) {
                return network.backboneFunction()
                        .forward(network.parameters(), new NDList(batch), false)
                        .get(0);
            }
        };
    }
}
