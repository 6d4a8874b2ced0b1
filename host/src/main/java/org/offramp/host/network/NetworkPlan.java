package org.offramp.host.network;

import ai.djl.ndarray.types.Shape;
import java.util.Comparator;
import java.util.List;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;

/**
 * A network's outline: all that is needed to run it through its exits, without its parameters.
 *
 * @param inputShape the shape of one sample, without the batch dimension
 * @param classes the number of classes K
 * @param outputs for exit 1 … N its outputs, in the order in which the stage returns them after the activation
 * @param earlierInputs for exit 1 … N the earlier exits' outputs its heads read, in the order in which the stage takes them
 * @param cumulativeMacs for exit 1 … N the MACs of a sample that leaves there, evaluated heads included
 * @param backboneMacs the MACs of the plain backbone
 */
public record NetworkPlan(
        Shape inputShape,
        int classes,
        List<List<HeadOutput>> outputs,
        List<List<Head.Input>> earlierInputs,
        List<Long> cumulativeMacs,
        long backboneMacs) {
    /** Copies and checks. */
    public NetworkPlan {
        outputs = outputs.stream().map(List::copyOf).toList();
        earlierInputs = earlierInputs.stream().map(List::copyOf).toList();
        cumulativeMacs = List.copyOf(cumulativeMacs);
        if (outputs.isEmpty() || outputs.size() != earlierInputs.size() || outputs.size() != cumulativeMacs.size()) {
            throw new IllegalArgumentException(outputs.size() + " lists of outputs, " + earlierInputs.size()
                    + " of inputs and " + cumulativeMacs.size() + " costs of exits");
        }
    }

    /** The number of exits N, the last one included. */
    public int exits() {
        return outputs.size();
    }

    /** How many values a sample has in an output that is there after training. */
    public int width(HeadOutput output) {
        return output == HeadOutput.COMMITMENT ? 1 : classes;
    }

    /**
     * The outputs of exits up to n that heads of later exits read, from the first exit on.
     *
     * @param exit n, counted from 1
     */
    public List<Head.Input> readAfter(int exit) {
        return earlierInputs.subList(exit, exits()).stream()
                .flatMap(List::stream)
                .filter(input -> input.exit() <= exit)
                .distinct()
                .sorted(Comparator.comparingInt(Head.Input::exit).thenComparing(Head.Input::output))
                .toList();
    }

    /** A copy of the costs. */
    public long[] costs() {
        return cumulativeMacs.stream().mapToLong(Long::longValue).toArray();
    }
}
