package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Optimization;
import org.offramp.api.Optimization.Method;
import org.offramp.api.Optimization.Schedule;

/** The updates against their formulas in double precision: L = Σ c w² / 2 over two parameters, so that g = c w. */
class ParameterUpdatesTest {
    private static final int STEPS = 5;
    private static final double[] CURVATURE = {0.5, 2};

    private final NDManager manager = Engine.getInstance().newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (int i = 0; i < CURVATURE.length; i++) {
            Parameter parameter = Parameter.builder()
                    .setName("p" + i)
                    .setType(Parameter.Type.WEIGHT)
                    .optInitializer(new ConstantInitializer(i + 1f))
                    .optShape(new Shape(3, i + 1))
                    .build();
            parameter.initialize(manager, DataType.FLOAT32);
            parameters.put("p" + i, parameter);
        }
        return parameters;
    }

    private static NDArray array(Map<String, Parameter> parameters, int i) {
        return List.copyOf(parameters.values()).get(i).getArray();
    }

    private void step(Map<String, Parameter> parameters, ParameterUpdates updates) {
        try (StepMemory memory = new StepMemory();
                NDManager scope = manager.newSubManager()) {
            memory.suppressNotUsedWarning();
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray loss = scope.create(0f);
                for (int i = 0; i < CURVATURE.length; i++) {
                    NDArray w = array(parameters, i);
                    loss = loss.add(w.mul(w).sum().mul((float) (CURVATURE[i] / 2)));
                }
                collector.backward(loss);
            }
            updates.apply();
        }
    }

    private static double rate(Optimization optimization, int step) {
        return optimization.schedule() == Schedule.COSINE
                ? optimization.learningRate() * 0.5 * (1 + Math.cos(Math.PI * step / STEPS))
                : optimization.learningRate();
    }

    private void assertFollows(Map<String, Parameter> parameters, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (float value : array(parameters, i).toFloatArray()) {
                assertThat((double) value).as("p%d", i).isCloseTo(expected[i], within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, CONSTANT", "0.1, CONSTANT", "0.1, COSINE"})
    void adamIsItsFormula(double decay, Schedule schedule) {
        Optimization optimization = new Optimization(Method.ADAM, 0.05, decay, 0.9, schedule);
        Map<String, Parameter> parameters = parameters();
        double[] w = {1, 2};
        double[] first = new double[2];
        double[] second = new double[2];
        try (ParameterUpdates updates = new ParameterUpdates(optimization, parameters, STEPS, manager)) {
            for (int t = 1; t <= STEPS; t++) {
                step(parameters, updates);
                for (int i = 0; i < w.length; i++) {
                    double g = CURVATURE[i] * w[i] + decay * w[i];
                    first[i] = 0.9 * first[i] + 0.1 * g;
                    second[i] = 0.999 * second[i] + 0.001 * g * g;
                    double m = first[i] / (1 - Math.pow(0.9, t));
                    double v = second[i] / (1 - Math.pow(0.999, t));
                    w[i] -= rate(optimization, t - 1) * m / (Math.sqrt(v) + 1e-8);
                }
                assertFollows(parameters, w);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0.9, CONSTANT", "0.1, 0.9, COSINE", "0, 0, CONSTANT"})
    void gradientDescentIsItsFormula(double decay, double momentum, Schedule schedule) {
        Optimization optimization = new Optimization(Method.SGD, 0.05, decay, momentum, schedule);
        Map<String, Parameter> parameters = parameters();
        double[] w = {1, 2};
        double[] moment = new double[2];
        try (ParameterUpdates updates = new ParameterUpdates(optimization, parameters, STEPS, manager)) {
            for (int t = 1; t <= STEPS; t++) {
                step(parameters, updates);
                for (int i = 0; i < w.length; i++) {
                    moment[i] = momentum * moment[i] + CURVATURE[i] * w[i] + decay * w[i];
                    w[i] -= rate(optimization, t - 1) * moment[i];
                }
                assertFollows(parameters, w);
            }
        }
    }

    @Test
    void aParameterWithoutAGradientStays() {
        Map<String, Parameter> parameters = parameters();
        try (ParameterUpdates updates = new ParameterUpdates(Optimization.DEFAULT, parameters, STEPS, manager)) {
            parameters.values().forEach(parameter -> parameter.getArray().setRequiresGradient(true));
            updates.apply();
        }
        assertFollows(parameters, new double[] {1, 2});
    }
}
