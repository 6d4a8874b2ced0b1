package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.offramp.api.Optimization;
import org.offramp.host.network.Weights;

/**
 * Updates a phase's parameters by the engine's Adam or SGD kernels. DJL's optimisers keep their moments to themselves; a run
 * that resumes needs them, so they are held here.
 */
final class ParameterUpdates implements AutoCloseable {
    private static final float BETA1 = 0.9f;
    private static final float BETA2 = 0.999f;
    private static final float EPSILON = 1e-8f;
    private static final float NO_CLIPPING = -1f;

    private final Optimization optimization;
    private final Map<String, Parameter> parameters;
    private final long totalSteps;
    private final NDManager manager;
    private final Map<String, NDArray> moments = new LinkedHashMap<>();
    private long step;

    ParameterUpdates(Optimization optimization, Map<String, Parameter> parameters, long totalSteps, NDManager parent) {
        this.optimization = optimization;
        this.parameters = parameters;
        this.totalSteps = totalSteps;
        this.manager = parent.newSubManager();
        parameters.forEach((name, parameter) -> {
            moments.put("moment1." + name, manager.zeros(parameter.getArray().getShape()));
            if (optimization.method() == Optimization.Method.ADAM) {
                moments.put(
                        "moment2." + name, manager.zeros(parameter.getArray().getShape()));
            }
        });
    }

    /** The moments, by name; live arrays. */
    Map<String, NDArray> moments() {
        return moments;
    }

    void restore(NDList saved, long atStep) {
        for (NDArray array : saved) {
            NDArray moment = moments.get(array.getName());
            if (moment != null) {
                Weights.copy(array, moment);
            }
        }
        step = atStep;
    }

    void apply() {
        double done = (double) step / totalSteps;
        step++;
        double rate = optimization.schedule() == Optimization.Schedule.COSINE
                ? optimization.learningRate() * 0.5 * (1 + Math.cos(Math.PI * done))
                : optimization.learningRate();
        parameters.forEach((name, parameter) -> apply(name, parameter.getArray(), rate));
    }

    private void apply(String name, NDArray weight, double rate) {
        float decay = (float) optimization.weightDecay();
        try (NDArray gradient = weight.getGradient()) {
            if (optimization.method() == Optimization.Method.ADAM) {
                double correction =
                        rate * Math.sqrt(1 - Math.pow(BETA2, (double) step)) / (1 - Math.pow(BETA1, (double) step));
                weight.getNDArrayInternal()
                        .adamUpdate(
                                new NDList(weight, gradient, moment("moment1.", name), moment("moment2.", name)),
                                new NDList(weight),
                                (float) rate,
                                (float) correction,
                                decay,
                                1f,
                                NO_CLIPPING,
                                BETA1,
                                BETA2,
                                EPSILON,
                                true,
                                false);
            } else {
                weight.getNDArrayInternal()
                        .sgdUpdate(
                                new NDList(weight, gradient, moment("moment1.", name)),
                                new NDList(weight),
                                (float) rate,
                                decay,
                                1f,
                                NO_CLIPPING,
                                (float) optimization.momentum(),
                                true);
            }
        }
    }

    private NDArray moment(String prefix, String name) {
        NDArray moment = moments.get(prefix + name);
        if (moment == null) {
            throw new IllegalStateException("no moment of " + name);
        }
        return moment;
    }

    @Override
    public void close() {
        manager.close();
    }
}
