package org.offramp.conformance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** A parameter store that remembers which parameters it was asked for. */
final class AskedParameters extends ParameterStore {
    private final Set<Parameter> asked = Collections.newSetFromMap(new IdentityHashMap<>());

    AskedParameters(NDManager manager) {
        super(manager, false);
    }

    boolean contains(Parameter parameter) {
        return asked.contains(parameter);
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        asked.add(parameter);
        return super.getValue(parameter, device, training);
    }
}
