package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.offramp.api.Optimization;
import org.offramp.host.graph.FusedUpdate;
import org.offramp.host.network.Weights;

/**
 * Updates a phase's parameters by Adam or gradient descent, all of them in one call: DJL's optimisers make a dozen small arrays for each.
 * A run that resumes needs the moments, so they are held here.
 */
final class ParameterUpdates implements AutoCloseable {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final Optimization optimization;
    private final List<Parameter> parameters;
    private final long totalSteps;
    private final NDManager manager;
    private final Map<String, NDArray> moments = new LinkedHashMap<>();
    private final FusedUpdate update;
    private long step;

    ParameterUpdates(Optimization optimization, Map<String, Parameter> byName, long totalSteps, NDManager parent) {
        this.optimization = optimization;
        this.parameters = List.copyOf(byName.values());
        this.totalSteps = totalSteps;
        this.manager = parent.newSubManager();
        boolean adam = optimization.method() == Optimization.Method.ADAM;
        if (adam || optimization.momentum() > 0) {
            byName.forEach((name, parameter) -> moments.put("moment1." + name, zeros(parameter)));
        }
        if (adam) {
            byName.forEach((name, parameter) -> moments.put("moment2." + name, zeros(parameter)));
        }
        update = adam
                ? FusedUpdate.adam(parameters.size(), BETA1, BETA2, EPSILON, optimization.weightDecay())
                : FusedUpdate.sgd(optimization.momentum(), optimization.weightDecay());
    }

    private NDArray zeros(Parameter parameter) {
        return manager.zeros(parameter.getArray().getShape());
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
        try (NDManager scope = manager.newSubManager()) {
            NDList weights = new NDList();
            NDList gradients = new NDList();
            for (Parameter parameter : parameters) {
                NDArray gradient = parameter.getArray().getGradient();
                gradient.attach(scope);
                weights.add(parameter.getArray());
                gradients.add(gradient);
            }
            List<NDList> lists = new ArrayList<>(List.of(weights, gradients));
            List<NDArray> all = List.copyOf(moments.values());
            for (int from = 0; from < all.size(); from += parameters.size()) {
                lists.add(new NDList(all.subList(from, from + parameters.size())));
            }
            update.apply(rate, step, lists);
        }
    }

    @Override
    public void close() {
        update.close();
        manager.close();
    }
}
