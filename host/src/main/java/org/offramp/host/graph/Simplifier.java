package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a graph for inference: BatchNorm goes into the convolution before it, {@code max(x, 0) + α · min(x, 0)} becomes one
 * leaky ReLU or PReLU, activations overwrite what nobody else reads, and what no output needs is left out.
 */
final class Simplifier {
    private static final Set<String> CONVOLUTIONS = Set.of("torch.conv1d", "torch.conv2d", "torch.conv3d");
    private static final Set<String> OVERWRITING = Set.of("torch.relu", "torch.leaky_relu");
    private static final Set<String> FRESH =
            Set.of("torch.conv1d", "torch.conv2d", "torch.conv3d", "torch.add", "torch.batch_norm", "torch.linear");

    private final Graph graph;
    private final Map<Integer, Tensor> constants;
    private final List<Operation> operations;
    private int next;

    private Simplifier(Graph graph) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(graph.constants());
        this.operations = new ArrayList<>(graph.operations());
        this.next = graph.shapes().keySet().stream()
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(0)
                + 1;
    }

    static Graph simplify(Graph graph) {
        Simplifier simplifier = new Simplifier(graph);
        simplifier.fold();
        simplifier.joinActivations();
        simplifier.dropUnused();
        simplifier.overwrite();
        return new Graph(graph.inputs(), simplifier.operations, simplifier.constants, graph.outputs(), graph.shapes());
    }

    private Map<Integer, Integer> uses() {
        Map<Integer, Integer> uses = new HashMap<>();
        operations.forEach(operation -> operation.reads().forEach(id -> uses.merge(id, 1, Integer::sum)));
        graph.outputs().forEach(id -> uses.merge(id, 1, Integer::sum));
        return uses;
    }

    private Optional<Operation> makerOf(int id) {
        return operations.stream().filter(operation -> operation.result() == id).findFirst();
    }

    private boolean once(int id) {
        return uses().getOrDefault(id, 0) == 1;
    }

    private void fold() {
        for (Operation norm : List.copyOf(operations)) {
            if (!norm.function().equals("torch.batch_norm")) {
                continue;
            }
            int from = value(norm, 0);
            Operation convolution = makerOf(from)
                    .filter(maker -> CONVOLUTIONS.contains(maker.function()))
                    .filter(maker -> once(from))
                    .orElse(null);
            Tensor weight = convolution == null ? null : constants.get(value(convolution, 1));
            if (convolution != null && weight != null && weight.type() == DataType.FLOAT32) {
                operations.set(operations.indexOf(norm), folded(convolution, weight, norm));
                operations.remove(convolution);
            }
        }
    }

    /** w' = w · γ / √(σ² + ε), b' = (b − μ) · γ / √(σ² + ε) + β. */
    private Operation folded(Operation convolution, Tensor weight, Operation norm) {
        int channels = (int) weight.shape().get(0);
        float[] gamma = floats(norm.arguments().get(1), channels, 1);
        float[] beta = floats(norm.arguments().get(2), channels, 0);
        float[] mean = floats(norm.arguments().get(3), channels, 0);
        float[] variance = floats(norm.arguments().get(4), channels, 1);
        float[] bias = floats(convolution.arguments().get(2), channels, 0);
        double epsilon = norm.arguments().get(7) instanceof Argument.Real real ? real.number() : 1e-5;
        float[] weights = weight.floats();
        int perChannel = weights.length / channels;
        for (int c = 0; c < channels; c++) {
            double scale = gamma[c] / Math.sqrt(variance[c] + epsilon);
            for (int j = 0; j < perChannel; j++) {
                weights[c * perChannel + j] = (float) (weights[c * perChannel + j] * scale);
            }
            bias[c] = (float) ((bias[c] - (double) mean[c]) * scale + beta[c]);
        }
        List<Argument> arguments = new ArrayList<>(convolution.arguments());
        arguments.set(1, constant(Tensor.of(weight.shape(), weights)));
        arguments.set(2, constant(Tensor.of(new Shape(channels), bias)));
        return new Operation(convolution.function(), arguments, norm.result(), norm.shape(), norm.type());
    }

    private float[] floats(Argument argument, int size, float otherwise) {
        if (argument instanceof Argument.Value value) {
            return tensor(value.id()).floats();
        }
        float[] filled = new float[size];
        java.util.Arrays.fill(filled, otherwise);
        return filled;
    }

    private Tensor tensor(int id) {
        Tensor tensor = constants.get(id);
        if (tensor == null) {
            throw new UntraceableException("BatchNorm's parameters depend on the input");
        }
        return tensor;
    }

    private Argument constant(Tensor tensor) {
        int id = next++;
        constants.put(id, tensor);
        return new Argument.Value(id);
    }

    /** max(x, 0) + min(x, 0) · α is a PReLU; with one α for all, a leaky ReLU. */
    private void joinActivations() {
        for (int i = 0; i < operations.size(); i++) {
            Operation sum = operations.get(i);
            if (!sum.function().equals("torch.add") || sum.reads().size() != 2) {
                continue;
            }
            Operation joined = activation(sum, sum.reads().get(0), sum.reads().get(1));
            if (joined == null) {
                joined = activation(sum, sum.reads().get(1), sum.reads().get(0));
            }
            if (joined != null) {
                operations.set(i, joined);
            }
        }
    }

    private @Nullable Operation activation(Operation sum, int positive, int negative) {
        Operation above = makerOf(positive).orElse(null);
        Operation product = makerOf(negative).orElse(null);
        if (above == null
                || product == null
                || !product.function().equals("torch.mul")
                || product.reads().size() != 2) {
            return null;
        }
        boolean relu = above.function().equals("torch.relu") || isClampAtZero(above, "torch.clamp_min");
        for (int side = 0; side < 2 && relu; side++) {
            Operation below = makerOf(product.reads().get(side)).orElse(null);
            int slopeId = product.reads().get(1 - side);
            Tensor slope = constants.get(slopeId);
            if (below != null
                    && slope != null
                    && isClampAtZero(below, "torch.clamp_max")
                    && value(below, 0) == value(above, 0)) {
                return slope.isUniform()
                        ? new Operation(
                                "torch.leaky_relu",
                                List.of(
                                        above.arguments().get(0),
                                        new Argument.Real(slope.first().doubleValue())),
                                sum.result(),
                                sum.shape(),
                                sum.type())
                        : new Operation(
                                "torch._prelu_kernel",
                                List.of(above.arguments().get(0), new Argument.Value(slopeId)),
                                sum.result(),
                                sum.shape(),
                                sum.type());
            }
        }
        return null;
    }

    private static boolean isClampAtZero(Operation operation, String function) {
        return operation.function().equals(function)
                && isZero(operation.arguments().get(1));
    }

    private static boolean isZero(Argument argument) {
        return argument instanceof Argument.Real real ? real.number() == 0 : argument.equals(Argument.of(0));
    }

    private void dropUnused() {
        Set<Integer> needed = new HashSet<>(graph.outputs());
        List<Operation> kept = new ArrayList<>();
        for (int i = operations.size() - 1; i >= 0; i--) {
            Operation operation = operations.get(i);
            if (needed.contains(operation.result())) {
                needed.addAll(operation.reads());
                kept.add(0, operation);
            }
        }
        operations.clear();
        operations.addAll(kept);
        constants.keySet().retainAll(needed);
    }

    private void overwrite() {
        Map<Integer, Integer> uses = uses();
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            if (OVERWRITING.contains(operation.function())) {
                int from = value(operation, 0);
                boolean fresh = makerOf(from)
                        .filter(maker -> FRESH.contains(maker.function()))
                        .isPresent();
                if (fresh && uses.getOrDefault(from, 0) == 1) {
                    operations.set(
                            i,
                            new Operation(
                                    operation.function() + "_",
                                    operation.arguments(),
                                    operation.result(),
                                    operation.shape(),
                                    operation.type()));
                }
            }
        }
    }

    private static int value(Operation operation, int argument) {
        if (operation.arguments().get(argument) instanceof Argument.Value value) {
            return value.id();
        }
        throw new IllegalStateException("argument " + argument + " of " + operation.function() + " is not a value");
    }
}
