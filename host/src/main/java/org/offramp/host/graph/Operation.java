package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * One operation of a graph: a function of the engine's own vocabulary, applied to values and numbers.
 *
 * @param function its name in TorchScript, such as {@code torch.conv2d}; {@link #UNKNOWN} and a method's name where there is none
 * @param arguments the arguments in order
 * @param result the number of the value it gives
 * @param shape the shape of that value when it was traced
 * @param type its data type
 */
record Operation(String function, List<Argument> arguments, int result, Shape shape, DataType type) {
    static final String UNKNOWN = "?";

    Operation {
        arguments = List.copyOf(arguments);
    }

    boolean isUnknown() {
        return function.startsWith(UNKNOWN);
    }

    /** The values it reads. */
    List<Integer> reads() {
        return arguments.stream().flatMap(argument -> argument.reads().stream()).toList();
    }

    Operation with(List<Argument> others) {
        return becomes(function, others);
    }

    /** Another operation that gives the same value. */
    Operation becomes(String other, List<Argument> others) {
        return new Operation(other, others, result, shape, type);
    }

    /** The same operation that reads one value in the place of another. */
    Operation reading(int before, int now) {
        return with(arguments.stream()
                .map(argument -> argument.reading(before, now))
                .toList());
    }
}
