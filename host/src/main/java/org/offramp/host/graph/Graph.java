package org.offramp.host.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;

/**
 * What a function of the network computes, as a list of operations. Values are numbered: first the inputs, then constants
 * (parameters among them) and results in the order in which they appeared.
 *
 * @param inputs the numbers of the inputs
 * @param operations the operations in order
 * @param constants the values that do not depend on an input
 * @param parameters those constants that the parameter store handed out
 * @param outputs the numbers of the outputs
 * @param shapes the shape of every value when it was traced
 * @param rectifiers the PReLUs whose gradients are not the engine's, in order
 */
record Graph(
        List<Integer> inputs,
        List<Operation> operations,
        Map<Integer, Tensor> constants,
        Map<Integer, Parameter> parameters,
        List<Integer> outputs,
        Map<Integer, Shape> shapes,
        List<Rectifier> rectifiers) {
    /**
     * A PReLU that differentiation does not see: what it gives begins anew, and {@link Tape} carries its gradient to what it reads.
     *
     * @param input the value it reads
     * @param output the value it gives
     * @param slopes the constant that holds its slopes
     */
    record Rectifier(int input, int output, int slopes) {}

    /** The multiply-accumulates of all operations, by the rules of {@link Macs}. */
    long macs() {
        return operations.stream().mapToLong(this::macs).sum();
    }

    /** The multiply-accumulates of one operation. */
    long macs(Operation operation) {
        return switch (operation.function()) {
            case "torch.conv1d", "torch.conv2d", "torch.conv3d" -> {
                // weight: (out, in / groups, kernel…); every output value uses one filter's weights once.
                Shape weight = shape(operation, 1);
                yield weight.size() / weight.get(0) * operation.shape().size();
            }
            case "torch.linear" ->
                shape(operation, 1).getLastDimension() * operation.shape().size();
            case "torch.matmul" ->
                shape(operation, 0).getLastDimension() * operation.shape().size();
            case "?rnn", "?lstm", "?gru" -> recurrent(operation);
            default -> 0;
        };
    }

    /** At every step every weight is used once. */
    private long recurrent(Operation operation) {
        long weights =
                operation.arguments().stream()
                        .filter(Argument.Values.class::isInstance)
                        .reduce((first, last) -> last)
                        .stream()
                        .flatMap(last -> ((Argument.Values) last).ids().stream())
                        .map(shapes::get)
                        .filter(shape -> shape != null && shape.dimension() == 2)
                        .mapToLong(Shape::size)
                        .sum();
        return weights == 0
                ? 0
                : weights * shape(operation, 0).size() / shape(operation, 0).getLastDimension();
    }

    /** The shape of what an operation reads as its argument of this number, when it was traced. */
    Shape shape(Operation operation, int argument) {
        Shape shape = shapes.get(operation.reads().get(argument));
        if (shape == null) {
            throw new IllegalStateException("no shape of argument " + argument + " of " + operation.function());
        }
        return shape;
    }
}
