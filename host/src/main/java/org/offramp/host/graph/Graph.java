package org.offramp.host.graph;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/**
 * What a function of the network computes, as a list of operations. Values are numbered: first the inputs, then constants
 * (parameters among them) and results in the order in which they appeared.
 *
 * @param inputs the numbers of the inputs
 * @param operations the operations in order
 * @param constants the values that do not depend on an input
 * @param outputs the numbers of the outputs
 * @param shapes the shape of every value when it was traced
 */
record Graph(
        List<Integer> inputs,
        List<Operation> operations,
        Map<Integer, Tensor> constants,
        List<Integer> outputs,
        Map<Integer, Shape> shapes) {
    /**
     * The multiply-accumulates of all operations. What counts: convolutions (one per weight used by an output value, so groups and
     * dilation are counted rightly), linear layers, and products of matrices.
     */
    long macs() {
        return operations.stream().mapToLong(this::macs).sum();
    }

    private long macs(Operation operation) {
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
            default -> 0;
        };
    }

    private Shape shape(Operation operation, int argument) {
        Shape shape = shapes.get(operation.reads().get(argument));
        if (shape == null) {
            throw new IllegalStateException("no shape of argument " + argument + " of " + operation.function());
        }
        return shape;
    }
}
