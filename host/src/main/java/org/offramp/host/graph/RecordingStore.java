package org.offramp.host.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/** Hands out recording views of copies of the parameters, so that what is computed cannot change them. */
final class RecordingStore extends ParameterStore {
    private final Recorder recorder;
    private final NDManager manager;

    RecordingStore(Recorder recorder, NDManager manager) {
        super(manager, false);
        this.recorder = recorder;
        this.manager = manager;
    }

    @Override
    @SuppressWarnings("NullAway") // DJL asks for optional parameters with null and expects null back.
    public @Nullable NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
        if (parameter == null) {
            return null;
        }
        NDArray copy = parameter.getArray().duplicate();
        copy.attach(manager);
        return recorder.parameter(parameter, copy);
    }
}
