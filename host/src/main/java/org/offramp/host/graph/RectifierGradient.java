package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The gradient of a PReLU (He et al. 2015, "Delving deep into rectifiers", equations 8 to 11) in few passes over memory: with g the gradient of
 * what it gives, g · (1 where x &gt; 0, else α) for what it reads, and Σ g · min(x, 0) for its slopes. The engine's own goes through the values one
 * by one, and that of an interpolation makes six temporary arrays.
 */
final class RectifierGradient {
    private static final int INPUT = 0;
    private static final int GRADIENT = 1;
    private static final int SLOPES = 2;

    private final List<Operation> operations = new ArrayList<>();
    private final Shape shape;
    private int next = SLOPES + 1;

    private RectifierGradient(Shape shape) {
        this.shape = shape;
    }

    /**
     * A method of what a rectifier reads, and of the gradient of what it gives, which it may overwrite: the gradient of what it reads, and a
     * number whose own gradient by the slopes is theirs.
     *
     * @param graph where the rectifier is
     * @param rectifier the rectifier
     */
    static Graph of(Graph graph, Graph.Rectifier rectifier) {
        Tensor slopes = Objects.requireNonNull(graph.constants().get(rectifier.slopes()));
        Shape shape = Objects.requireNonNull(graph.shapes().get(rectifier.input()));
        RectifierGradient gradient = new RectifierGradient(shape);
        List<Integer> outputs = gradient.outputs(slopes.shape());
        return new Graph(
                List.of(INPUT, GRADIENT),
                gradient.operations,
                Map.of(SLOPES, slopes),
                Map.of(SLOPES, Objects.requireNonNull(graph.parameters().get(rectifier.slopes()))),
                outputs,
                Map.of(INPUT, shape, GRADIENT, shape, SLOPES, slopes.shape()),
                List.of());
    }

    private List<Integer> outputs(Shape slopes) {
        int input = value("torch.detach", INPUT);
        int below = value("torch.clamp_max", input, Argument.of(0));
        int products = value("torch.mul_", below, GRADIENT);
        int sums = value("torch.sum_to_size", products, Argument.of(slopes.getShape()));
        int whole = value("torch.sum", value("torch.mul", SLOPES, sums));
        return List.of(slopes.size() == 1 ? ofOneSlope(input) : ofManySlopes(input), whole);
    }

    /** In the memory of the gradient that was given, which the products have been taken of before. */
    private int ofOneSlope(int input) {
        return value(
                "torch.leaky_relu_backward",
                GRADIENT,
                input,
                value("torch.item", SLOPES),
                Argument.of(false),
                new Argument.Named("grad_input", new Argument.Value(GRADIENT)));
    }

    private int ofManySlopes(int input) {
        int above = value("torch.threshold_backward", GRADIENT, input, Argument.of(0));
        return value("torch.lerp_", above, GRADIENT, value("torch.detach", SLOPES));
    }

    /** Adds an operation; whole numbers among its arguments are values. */
    private int value(String function, Object... arguments) {
        List<Argument> given = new ArrayList<>();
        for (Object argument : arguments) {
            given.add(argument instanceof Integer id ? new Argument.Value(id) : (Argument) argument);
        }
        operations.add(new Operation(function, given, next++, shape, DataType.FLOAT32));
        return next - 1;
    }
}
