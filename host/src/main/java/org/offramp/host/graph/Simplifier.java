package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rewrites a graph for what its archive is for. {@code max(x, 0) + α · min(x, 0)} becomes one leaky ReLU or PReLU, and what no output needs
 * is left out. For inference also BatchNorm goes into the convolution before it, a pooling of whole maps is a mean, and activations and sums
 * overwrite what nobody else reads. For training images are laid out with their channels last, and a PReLU is an interpolation between x and
 * its ReLU, or a leaky ReLU: the engine's gradient of a PReLU goes through its values one by one and takes three times as long. Its gradient is
 * then Offramp's own ({@link RectifierGradient}), where what is left falls into parts of which each is differentiated once.
 */
final class Simplifier {
    private static final Set<String> CONVOLUTIONS = Set.of("torch.conv1d", "torch.conv2d", "torch.conv3d");
    private static final Set<String> OVERWRITING = Set.of("torch.relu", "torch.leaky_relu");
    private static final Set<String> FRESH = Set.of(
            "torch.conv1d",
            "torch.conv2d",
            "torch.conv3d",
            "torch.add",
            "torch.add_",
            "torch.batch_norm",
            "torch.linear");
    private static final Set<String> POOLS_TO =
            Set.of("torch.adaptive_avg_pool1d", "torch.adaptive_avg_pool2d", "torch.adaptive_avg_pool3d");

    private static final String DETACH = "torch.detach";
    private static final Set<String> EFFECTS = Set.of("torch.batch_norm", "torch.dropout");
    private static final Shape ONE = new Shape(1);
    private static final int LEAST_CHANNELS = 16;
    private static final int LOSS = -1;
    private static final int CHANNELS_FIRST = 0;
    private static final int CHANNELS_LAST = 2;

    private final Graph graph;
    private final Map<Integer, Tensor> constants;
    private final List<Operation> operations;
    private final List<Graph.Rectifier> rectifiers = new ArrayList<>();
    private final Compiler.Form form;
    private final boolean cut;
    private int next;

    private Simplifier(Graph graph, Compiler.Form form, boolean cut) {
        this.graph = graph;
        this.form = form;
        this.cut = cut;
        this.constants = new LinkedHashMap<>(graph.constants());
        this.operations = new ArrayList<>(graph.operations());
        this.next = graph.shapes().keySet().stream()
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(0)
                + 1;
    }

    static Graph simplify(Graph graph, Compiler.Form form) {
        Simplifier simplifier = new Simplifier(graph, form, form == Compiler.Form.TRAINING);
        simplifier.simplify();
        if (!simplifier.rectifiers.isEmpty() && !simplifier.isDifferentiatedOnce()) {
            simplifier = new Simplifier(graph, form, false);
            simplifier.simplify();
        }
        return simplifier.done();
    }

    private void simplify() {
        switch (form) {
            case PLAIN, PLAIN_TRAINING -> {}
            case INFERENCE -> {
                fold();
                joinActivations();
                poolWholeMaps();
                dropUnused();
                overwrite();
            }
            case JOINED_TRAINING -> {
                joinActivations();
                dropUnused();
            }
            case TRAINING -> {
                joinActivations();
                dropUnused();
                layOut();
                straightenDropout();
            }
        }
    }

    private Graph done() {
        Map<Integer, Parameter> parameters = new LinkedHashMap<>(graph.parameters());
        parameters.keySet().retainAll(constants.keySet());
        return new Graph(
                graph.inputs(), operations, constants, parameters, graph.outputs(), graph.shapes(), rectifiers);
    }

    /**
     * Whether nothing lies on the way back from two of: the outputs, and what PReLUs read. The engine forgets a part once it was
     * differentiated.
     */
    private boolean isDifferentiatedOnce() {
        Map<Integer, Integer> from = new HashMap<>();
        graph.outputs().forEach(output -> from.put(output, LOSS));
        for (Graph.Rectifier rectifier : rectifiers) {
            if (from.put(rectifier.input(), rectifier.input()) != null) {
                return false;
            }
        }
        Set<Integer> begins = new HashSet<>(graph.inputs());
        rectifiers.forEach(rectifier -> begins.add(rectifier.output()));
        for (int i = operations.size() - 1; i >= 0; i--) {
            Operation operation = operations.get(i);
            Integer source = from.get(operation.result());
            if (source == null
                    || begins.contains(operation.result())
                    || operation.function().equals(DETACH)) {
                continue;
            }
            for (int read : operation.reads()) {
                Integer other = constants.containsKey(read) || begins.contains(read) ? null : from.put(read, source);
                if (other != null && !other.equals(source)) {
                    return false;
                }
            }
        }
        return true;
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
        Arrays.fill(filled, otherwise);
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
        for (Operation sum : List.copyOf(operations)) {
            if (!sum.function().equals("torch.add") || sum.reads().size() != 2) {
                continue;
            }
            List<Operation> joined =
                    activation(sum, sum.reads().get(0), sum.reads().get(1));
            if (joined.isEmpty()) {
                joined = activation(sum, sum.reads().get(1), sum.reads().get(0));
            }
            if (!joined.isEmpty()) {
                int place = operations.indexOf(sum);
                operations.remove(place);
                operations.addAll(place, joined);
            }
        }
    }

    private List<Operation> activation(Operation sum, int positive, int negative) {
        Operation above = makerOf(positive).orElse(null);
        Operation product = makerOf(negative).orElse(null);
        if (above == null
                || product == null
                || !product.function().equals("torch.mul")
                || product.reads().size() != 2) {
            return List.of();
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
                Argument input = above.arguments().get(0);
                boolean learned = form.isTraining() && graph.parameters().containsKey(slopeId);
                return slope.isUniform() && !learned
                        ? List.of(sum.becomes(
                                "torch.leaky_relu",
                                List.of(input, new Argument.Real(slope.first().doubleValue()))))
                        : learned && cut && dependsOnParameters(value(above, 0))
                                ? cutOff(sum, input, slopeId, slope)
                                : rectified(sum, input, slopeId, slope);
            }
        }
        return List.of();
    }

    /** {@code torch.prelu} takes slopes in one dimension; its kernel any that broadcast, but older engines lack it. */
    private List<Operation> rectified(Operation sum, Argument input, int slopeId, Tensor slope) {
        Argument slopes = new Argument.Value(slopeId);
        if (form == Compiler.Form.TRAINING) {
            Operation relu = new Operation("torch.relu", List.of(input), next++, sum.shape(), sum.type());
            return List.of(relu, sum.becomes("torch.lerp", List.of(new Argument.Value(relu.result()), input, slopes)));
        }
        boolean ofChannels = sum.shape().dimension() > 1
                && slope.shape().dimension() == sum.shape().dimension() - 1
                && slope.shape().size() == sum.shape().get(1)
                && slope.shape().get(0) == sum.shape().get(1);
        if (slope.shape().equals(ONE)) {
            return List.of(sum.becomes("torch.prelu", List.of(input, slopes)));
        }
        if (!ofChannels) {
            return List.of(sum.becomes("torch._prelu_kernel", List.of(input, slopes)));
        }
        Shape flat = new Shape(slope.shape().get(0));
        if (!form.isTraining()) {
            return List.of(sum.becomes("torch.prelu", List.of(input, constant(Tensor.of(flat, slope.floats())))));
        }
        Operation flattened = new Operation(
                "torch.reshape", List.of(slopes, Argument.of(flat.getShape())), next++, flat, slope.type());
        return List.of(flattened, sum.becomes("torch.prelu", List.of(input, new Argument.Value(flattened.result()))));
    }

    /** Whether gradients flow through a value in every stage that is trained, the first one too. */
    private boolean dependsOnParameters(int id) {
        return graph.parameters().containsKey(id)
                || makerOf(id).stream().anyMatch(maker -> maker.reads().stream().anyMatch(this::dependsOnParameters));
    }

    /** A PReLU on a copy of what it reads and of its slopes that differentiation does not see. */
    private List<Operation> cutOff(Operation sum, Argument input, int slopeId, Tensor slope) {
        rectifiers.add(new Graph.Rectifier(input.reads().get(0), sum.result(), slopeId));
        List<Operation> operations = new ArrayList<>();
        Argument seen = added(operations, DETACH, List.of(input), sum);
        Argument slopes = new Argument.Value(slopeId);
        Argument rectified = slope.shape().size() == 1
                ? added(
                        operations,
                        "torch.leaky_relu",
                        List.of(seen, added(operations, "torch.item", List.of(slopes), sum)),
                        sum)
                : added(
                        operations,
                        "torch.lerp",
                        List.of(
                                added(operations, "torch.relu", List.of(seen), sum),
                                seen,
                                added(operations, DETACH, List.of(slopes), sum)),
                        sum);
        operations.add(sum.becomes("torch.requires_grad_", List.of(rectified)));
        return operations;
    }

    private Argument added(List<Operation> operations, String function, List<Argument> arguments, Operation like) {
        operations.add(new Operation(function, arguments, next++, like.shape(), like.type()));
        return new Argument.Value(next - 1);
    }

    private static boolean isClampAtZero(Operation operation, String function) {
        return operation.function().equals(function)
                && isZero(operation.arguments().get(1));
    }

    private static boolean isZero(Argument argument) {
        return argument instanceof Argument.Real real ? real.number() == 0 : argument.equals(Argument.of(0));
    }

    /** The mean over all places, flattened: one operation, the one that the engine's pooling calls. */
    private void poolWholeMaps() {
        for (int i = 0; i < operations.size(); i++) {
            Operation flat = operations.get(i);
            if (!flat.function().equals("torch.flatten") || flat.shape().dimension() != 2) {
                continue;
            }
            int pooled = value(flat, 0);
            int at = i;
            makerOf(pooled)
                    .filter(pool -> POOLS_TO.contains(pool.function()) && once(pooled))
                    .filter(Simplifier::isToOnePlace)
                    .ifPresent(pool -> operations.set(
                            at,
                            flat.becomes(
                                    "torch.mean",
                                    List.of(pool.arguments().get(0), places(pool), new Argument.Flag(false)))));
        }
    }

    private static boolean isToOnePlace(Operation pool) {
        return pool.arguments().get(1) instanceof Argument.Wholes sizes
                && sizes.numbers().stream().allMatch(Argument.BatchSize.of(1)::equals);
    }

    private Argument places(Operation pool) {
        int[] places = new int[graph.shape(pool, 0).dimension() - 2];
        Arrays.setAll(places, i -> i + 2);
        return Argument.of(places);
    }

    private void dropUnused() {
        Set<Integer> needed = new HashSet<>(graph.outputs());
        List<Operation> kept = new ArrayList<>();
        for (int i = operations.size() - 1; i >= 0; i--) {
            Operation operation = operations.get(i);
            if (needed.contains(operation.result()) || (form.isTraining() && EFFECTS.contains(operation.function()))) {
                needed.addAll(operation.reads());
                kept.add(0, operation);
            }
        }
        operations.clear();
        operations.addAll(kept);
        constants.keySet().retainAll(needed);
        rectifiers.removeIf(rectifier -> !needed.contains(rectifier.output()));
    }

    private void overwrite() {
        Map<Integer, Integer> uses = uses();
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            if (OVERWRITING.contains(operation.function()) && isSpare(value(operation, 0), operation, uses)) {
                operations.set(i, operation.becomes(operation.function() + "_", operation.arguments()));
            } else if (operation.function().equals("torch.add")
                    && operation.reads().size() == 2
                    && operation.arguments().size() == 2) {
                operations.set(i, accumulated(operation, uses));
            }
        }
    }

    /** A sum goes into the one of its terms that nobody else reads: a + b and b + a are the same bits. */
    private Operation accumulated(Operation sum, Map<Integer, Integer> uses) {
        for (int side = 0; side < 2; side++) {
            if (isSpare(value(sum, side), sum, uses)) {
                return sum.becomes(
                        "torch.add_",
                        List.of(sum.arguments().get(side), sum.arguments().get(1 - side)));
            }
        }
        return sum;
    }

    /** Whether a value is memory of its own, of an operation's shape and type, that this operation alone reads. */
    private boolean isSpare(int value, Operation reader, Map<Integer, Integer> uses) {
        return uses.getOrDefault(value, 0) == 1
                && makerOf(value)
                        .filter(maker -> FRESH.contains(maker.function()))
                        .filter(maker -> maker.shape().equals(reader.shape()) && maker.type() == reader.type())
                        .isPresent();
    }

    /** Chance is drawn in the order of memory: so that the same seed drops the same values, they are put back in order first. */
    private void straightenDropout() {
        for (int i = 0; i < operations.size(); i++) {
            Operation dropout = operations.get(i);
            if (dropout.function().equals("torch.dropout") && dropout.shape().dimension() == 4) {
                int at = next++;
                operations.add(i, turned(dropout, value(dropout, 0), CHANNELS_FIRST, at));
                operations.set(i + 1, dropout.reading(value(dropout, 0), at));
                i++;
            }
        }
    }

    private static Operation turned(Operation like, int value, int layout, int result) {
        return new Operation(
                "torch.contiguous",
                List.of(new Argument.Value(value), new Argument.Named("memory_format", Argument.of(layout))),
                result,
                like.shape(),
                like.type());
    }

    /**
     * Before the first 2-D convolution the channels go last, and what follows keeps them there. With one channel both layouts are the same
     * memory, so then the input is seen as channels last without being copied. A convolution that must not see them last gets them first, and
     * what it gives is turned.
     */
    private void layOut() {
        boolean last = false;
        for (Operation convolution : List.copyOf(operations)) {
            boolean first = convolution.function().equals("torch.conv2d") && needsChannelsFirst(convolution);
            if (!convolution.function().equals("torch.conv2d") || (last && !first)) {
                continue;
            }
            if (last) {
                turnBefore(convolution.result(), CHANNELS_FIRST);
            }
            if (first) {
                turnBehind(convolution.result());
            } else if (graph.shape(convolution, 0).get(1) == 1) {
                seeBefore(convolution.result());
            } else {
                turnBefore(convolution.result(), CHANNELS_LAST);
            }
            last = true;
        }
    }

    /** Gives the operation with this result its one-channel images as channels last: the same memory under other strides. */
    private void seeBefore(int result) {
        int place = placeOf(result);
        Operation convolution = operations.get(place);
        int images = value(convolution, 0);
        Shape shape = graph.shape(convolution, 0);
        Argument sizes = new Argument.Wholes(List.of(
                new Argument.BatchSize(1, 0),
                Argument.BatchSize.of(shape.get(2)),
                Argument.BatchSize.of(shape.get(3)),
                Argument.BatchSize.of(1)));
        Shape last = new Shape(shape.get(0), shape.get(2), shape.get(3), 1);
        Operation pixels = new Operation(
                "torch.reshape", List.of(new Argument.Value(images), sizes), next++, last, convolution.type());
        Operation seen = new Operation(
                "torch.permute",
                List.of(new Argument.Value(pixels.result()), Argument.of(new int[] {0, 3, 1, 2})),
                next++,
                shape,
                convolution.type());
        operations.set(place, convolution.reading(images, seen.result()));
        operations.addAll(place, List.of(pixels, seen));
    }

    private int placeOf(int result) {
        return IntStream.range(0, operations.size())
                .filter(i -> operations.get(i).result() == result)
                .findFirst()
                .orElseThrow();
    }

    /** Lays out the input of the operation with this result, for it and for all behind it. */
    private void turnBefore(int result, int layout) {
        int place = placeOf(result);
        turn(place, value(operations.get(place), 0), layout);
    }

    /** Puts the channels of this result last, for all behind its operation. */
    private void turnBehind(int result) {
        turn(placeOf(result) + 1, result, CHANNELS_LAST);
    }

    private void turn(int place, int value, int layout) {
        int at = next++;
        Operation like = operations.get(Math.min(place, operations.size() - 1));
        operations.add(place, turned(like, value, layout, at));
        for (int j = place + 1; j < operations.size(); j++) {
            operations.set(j, operations.get(j).reading(value, at));
        }
    }

    /**
     * The gradient of a strided 1 × 1 convolution's weights writes beyond its memory with fewer than 16 channels that are laid out last and
     * more than one thread (oneDNN in PyTorch 2.7.1, {@code jit_avx512_common_1x1_convolution_bwd_weights}): the process dies, now or later.
     */
    private boolean needsChannelsFirst(Operation convolution) {
        Tensor weight = constants.get(value(convolution, 1));
        if (weight == null) {
            return true;
        }
        boolean one = weight.shape().get(2) == 1 && weight.shape().get(3) == 1;
        boolean strided = convolution.arguments().get(3) instanceof Argument.Wholes strides
                && strides.numbers().stream().anyMatch(stride -> stride.offset() > 1);
        return one && strided && weight.shape().get(1) < LEAST_CHANNELS;
    }

    private static int value(Operation operation, int argument) {
        if (operation.arguments().get(argument) instanceof Argument.Value value) {
            return value.id();
        }
        throw new IllegalStateException("argument " + argument + " of " + operation.function() + " is not a value");
    }
}
