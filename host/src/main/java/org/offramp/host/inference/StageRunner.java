package org.offramp.host.inference;

import ai.djl.ndarray.NDList;
import org.offramp.host.network.Network;

/** Runs a stage with its heads in inference mode. Thread-safe. */
@FunctionalInterface
public interface StageRunner {
    /**
     * Runs stage n and the heads of exit n.
     *
     * @param exit n, counted from 1
     * @param inputs the activation after stage n - 1 (or the samples), then the earlier outputs its heads read
     * @return the activation after stage n, then the exit's outputs; attached to the manager of the first input
     */
    NDList run(int exit, NDList inputs);

    /**
     * Runs every operation of the network's blocks by itself.
     *
     * @param network the network
     */
    static StageRunner opByOp(Network network) {
        return (exit, inputs) -> network.forward(network.parameters(), exit, inputs);
    }
}
