package org.offramp.host.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/** Hands out each parameter's own array; unlike DJL's store it keeps no copy of what a parameter once was. */
final class PlainParameterStore extends ParameterStore {
    PlainParameterStore(NDManager manager) {
        super(manager, false);
    }

    @Override
    @SuppressWarnings("NullAway") // DJL asks for optional parameters with null and expects null back.
    public @Nullable NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
        return parameter == null ? null : parameter.getArray();
    }
}
