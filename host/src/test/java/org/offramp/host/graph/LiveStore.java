package org.offramp.host.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/** Hands out each parameter's own array. */
final class LiveStore extends ParameterStore {
    LiveStore(NDManager manager) {
        super(manager, false);
    }

    @Override
    @SuppressWarnings("NullAway") // DJL asks for optional parameters with null and expects null back.
    public @Nullable NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
        return parameter == null ? null : parameter.getArray();
    }
}
