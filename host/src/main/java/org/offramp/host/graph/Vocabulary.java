package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Says DJL's array methods in the words of TorchScript. */
final class Vocabulary {
    private static final Map<String, String> BINARY = Map.ofEntries(
            Map.entry("add", "torch.add"),
            Map.entry("sub", "torch.sub"),
            Map.entry("mul", "torch.mul"),
            Map.entry("div", "torch.div"),
            Map.entry("pow", "torch.pow"),
            Map.entry("eq", "torch.eq"),
            Map.entry("neq", "torch.ne"),
            Map.entry("gt", "torch.gt"),
            Map.entry("gte", "torch.ge"),
            Map.entry("lt", "torch.lt"),
            Map.entry("lte", "torch.le"),
            Map.entry("matMul", "torch.matmul"),
            Map.entry("batchMatMul", "torch.matmul"),
            Map.entry("dot", "torch.matmul"));
    private static final Map<String, String> UNARY = Map.ofEntries(
            Map.entry("neg", "torch.neg"),
            Map.entry("abs", "torch.abs"),
            Map.entry("square", "torch.square"),
            Map.entry("sqrt", "torch.sqrt"),
            Map.entry("exp", "torch.exp"),
            Map.entry("log", "torch.log"),
            Map.entry("log2", "torch.log2"),
            Map.entry("log10", "torch.log10"),
            Map.entry("sin", "torch.sin"),
            Map.entry("cos", "torch.cos"),
            Map.entry("tanh", "torch.tanh"),
            Map.entry("floor", "torch.floor"),
            Map.entry("ceil", "torch.ceil"),
            Map.entry("round", "torch.round"),
            Map.entry("sign", "torch.sign"),
            Map.entry("erf", "torch.erf"),
            Map.entry("logicalNot", "torch.logical_not"));
    private static final Map<String, String> REDUCTIONS =
            Map.of("sum", "torch.sum", "mean", "torch.mean", "max", "torch.amax", "min", "torch.amin");
    private static final Set<String> COPIES = Set.of("stopGradient", "duplicate", "toDevice");
    private static final Map<DataType, Integer> TYPES = Map.of(
            DataType.UINT8, 0,
            DataType.INT8, 1,
            DataType.INT32, 3,
            DataType.INT64, 4,
            DataType.FLOAT16, 5,
            DataType.FLOAT32, 6,
            DataType.FLOAT64, 7,
            DataType.BOOLEAN, 11);

    /** The functions of TorchScript that are written besides those of the tables. */
    private static final Set<String> OTHERS = Set.of(
            "add_",
            "alias",
            "adaptive_avg_pool1d",
            "adaptive_avg_pool2d",
            "adaptive_avg_pool3d",
            "argmax",
            "avg_pool1d",
            "avg_pool2d",
            "avg_pool3d",
            "batch_norm",
            "cat",
            "clamp",
            "clamp_max",
            "clamp_min",
            "contiguous",
            "conv1d",
            "conv2d",
            "conv3d",
            "cumsum",
            "detach",
            "dropout",
            "elu",
            "embedding",
            "expand",
            "flatten",
            "flip",
            "_foreach_zero_",
            "full",
            "_fused_adam_",
            "_fused_sgd_",
            "gather",
            "gelu",
            "index",
            "index_select",
            "layer_norm",
            "leaky_relu",
            "item",
            "leaky_relu_",
            "leaky_relu_backward",
            "lerp",
            "lerp_",
            "linear",
            "log_softmax",
            "max_pool1d",
            "max_pool2d",
            "max_pool3d",
            "maximum",
            "minimum",
            "mul_",
            "permute",
            "prelu",
            "_prelu_kernel",
            "relu",
            "relu_",
            "repeat",
            "requires_grad_",
            "reshape",
            "rsub",
            "select",
            "selu",
            "sigmoid",
            "size",
            "slice",
            "softmax",
            "softplus",
            "stack",
            "sum_to_size",
            "threshold_backward",
            "to",
            "unsqueeze",
            "where");

    private Vocabulary() {}

    /** Whether a function of TorchScript, {@code torch.…}, is one that an archive of Offramp's may call. */
    static boolean writes(String function) {
        return BINARY.containsValue(function)
                || UNARY.containsValue(function)
                || REDUCTIONS.containsValue(function)
                || OTHERS.contains(function.substring("torch.".length()));
    }

    /** The number by which TorchScript knows a data type. */
    static int code(DataType type) {
        Integer code = TYPES.get(type);
        if (code == null) {
            throw new UntraceableException("the data type " + type + " is not one that Offramp can compile");
        }
        return code;
    }

    /** An operation on an array; null where there is no word for it. */
    static @Nullable NDArray ofArray(
            Recorder.Note note,
            NDArray self,
            NDArray real,
            String name,
            @Nullable Object[] given,
            Recorder.Really really)
            throws Throwable {
        if (given.length == 1 && BINARY.containsKey(name)) {
            return note.of(word(BINARY, name), really.run(), self, given[0]);
        }
        if (given.length == 0 && UNARY.containsKey(name)) {
            return note.of(word(UNARY, name), really.run(), self);
        }
        if (REDUCTIONS.containsKey(name) && given.length == 2 && given[0] instanceof int[] axes) {
            return note.of(word(REDUCTIONS, name), really.run(), self, axes, given[1]);
        }
        if (REDUCTIONS.containsKey(name) && given.length == 0) {
            int[] all = java.util.stream.IntStream.range(0, real.getShape().dimension())
                    .toArray();
            return note.of(word(REDUCTIONS, name), really.run(), self, all, false);
        }
        if (COPIES.contains(name)) {
            return self;
        }
        return switch (name) {
            case "maximum" ->
                note.of(given[0] instanceof Number ? "torch.clamp_min" : "torch.maximum", really.run(), self, given[0]);
            case "minimum" ->
                note.of(given[0] instanceof Number ? "torch.clamp_max" : "torch.minimum", really.run(), self, given[0]);
            case "clip" -> note.of("torch.clamp", really.run(), self, given[0], given[1]);
            case "reshape" ->
                given[0] instanceof Shape shape ? note.of("torch.reshape", really.run(), self, shape.getShape()) : null;
            case "broadcast" ->
                given[0] instanceof Shape shape ? note.of("torch.expand", really.run(), self, shape.getShape()) : null;
            case "flatten" ->
                given.length == 2
                        ? note.of("torch.flatten", really.run(), self, given[0], given[1])
                        : note.of("torch.flatten", really.run(), self, 0, -1);
            case "expandDims" -> note.of("torch.unsqueeze", really.run(), self, given[0]);
            case "squeeze" -> {
                if (given.length == 1 && given[0] instanceof int[]) {
                    NDArray result = really.run();
                    yield note.of(
                            "torch.reshape", result, self, result.getShape().getShape());
                }
                yield null;
            }
            case "transpose" -> {
                int dimensions = real.getShape().dimension();
                int[] order = given.length == 1 && given[0] instanceof int[] axes
                        ? axes
                        : java.util.stream.IntStream.range(0, dimensions)
                                .map(i -> dimensions - 1 - i)
                                .toArray();
                yield note.of("torch.permute", really.run(), self, order);
            }
            case "softmax" -> note.of("torch.softmax", really.run(), self, given[0], null);
            case "logSoftmax" -> note.of("torch.log_softmax", really.run(), self, given[0], null);
            case "cumSum" -> given.length == 1 ? note.of("torch.cumsum", really.run(), self, given[0]) : null;
            case "argMax" -> given.length == 1 ? note.of("torch.argmax", really.run(), self, given[0]) : null;
            case "flip" -> note.of("torch.flip", really.run(), self, given[0]);
            case "tile" -> given[0] instanceof long[] times ? note.of("torch.repeat", really.run(), self, times) : null;
            case "toType" ->
                given[0] instanceof DataType type
                        ? note.of("torch.to", really.run(), self, code(type), false, false, null)
                        : null;
            case "gather" -> note.of("torch.gather", really.run(), self, given[1], given[0]);
            case "gatherNd" -> gatherRows(note, self, given[0], really);
            default -> null;
        };
    }

    /** Numbers of rows may come as any type; the engine wants whole numbers. */
    private static NDArray whole(Recorder.Note note, NDArray result, @Nullable NDArray numbers) {
        return note.of("torch.to", result, numbers, code(DataType.INT64), false, false, null);
    }

    /** Rows by their numbers: an index of shape (1, …). */
    private static @Nullable NDArray gatherRows(
            Recorder.Note note, NDArray self, @Nullable Object index, Recorder.Really really) throws Throwable {
        if (!(index instanceof NDArray rows) || rows.getShape().get(0) != 1) {
            return null;
        }
        NDArray result = really.run();
        NDArray flat = note.of("torch.flatten", result, whole(note, result, rows), 0, -1);
        NDArray picked = note.of("torch.index_select", result, self, 0, flat);
        return note.of("torch.reshape", result, picked, result.getShape().getShape());
    }

    /** An operation of the neural-network part; null where there is no word for it. */
    static @Nullable NDArray ofInternal(
            Recorder.Note note,
            NDArray self,
            String name,
            @Nullable Object[] given,
            boolean training,
            Recorder.Really really)
            throws Throwable {
        return switch (name) {
            case "relu" -> note.of("torch.relu", really.run(), self);
            case "sigmoid" -> note.of("torch.sigmoid", really.run(), self);
            case "tanh" -> note.of("torch.tanh", really.run(), self);
            case "softPlus" -> note.of("torch.softplus", really.run(), self);
            case "softSign" -> {
                NDArray result = really.run();
                NDArray below = note.of("torch.add", result, note.of("torch.abs", result, self), 1);
                yield note.of("torch.div", result, self, below);
            }
            case "selu" -> note.of("torch.selu", really.run(), self);
            case "gelu" -> note.of("torch.gelu", really.run(), self);
            case "elu" -> note.of("torch.elu", really.run(), self, given[0]);
            case "leakyRelu" -> note.of("torch.leaky_relu", really.run(), self, given[0]);
            case "rsub" -> given[0] instanceof Number ? note.of("torch.rsub", really.run(), self, given[0]) : null;
            case "maxPool" ->
                note.of(
                        "torch.max_pool" + length(given[0]) + "d",
                        really.run(),
                        self,
                        numbers(given[0]),
                        numbers(given[1]),
                        numbers(given[2]),
                        ones(length(given[0])),
                        given[3]);
            case "avgPool" ->
                note.of(
                        "torch.avg_pool" + length(given[0]) + "d",
                        really.run(),
                        self,
                        numbers(given[0]),
                        numbers(given[1]),
                        numbers(given[2]),
                        given[3],
                        given[4]);
            case "globalAvgPool" -> {
                int dimensions = self.getShape().dimension() - 2;
                NDArray result = really.run();
                NDArray pooled = note.of("torch.adaptive_avg_pool" + dimensions + "d", result, self, ones(dimensions));
                yield note.of("torch.flatten", result, pooled, 1, -1);
            }
            case "globalMaxPool" ->
                note.of("torch.amax", really.run(), self, places(self.getShape().dimension()), false);
            case "convolution" ->
                note.of(
                        "torch.conv" + length(given[3]) + "d",
                        really.run(),
                        given[0],
                        given[1],
                        given[2],
                        numbers(given[3]),
                        numbers(given[4]),
                        numbers(given[5]),
                        given[6]);
            case "linear" -> note.of("torch.linear", really.run(), given[0], given[1], given[2]);
            case "embedding" ->
                note.of("torch.embedding", really.run(), given[1], whole(note, self, (NDArray) given[0]));
            case "dropout" -> {
                boolean drops = Boolean.TRUE.equals(given[2]);
                if (!drops) {
                    yield (NDArray) given[0];
                }
                yield training ? note.of("torch.dropout", really.run(), given[0], given[1], true) : null;
            }
            case "layerNorm" ->
                note.of("torch.layer_norm", really.run(), given[0], numbers(given[1]), given[2], given[3], given[4]);
            case "batchNorm" -> batchNorm(note, given, training, really);
            case "where" -> note.of("torch.where", really.run(), given[0], self, given[1]);
            case "concat" ->
                note.of("torch.cat", really.run(), joined(self, given[0]), given.length > 1 ? given[1] : 0);
            case "stack" ->
                note.of("torch.stack", really.run(), joined(self, given[0]), given.length > 1 ? given[1] : 0);
            default -> null;
        };
    }

    /** Input, running mean and variance, scale, centre, axis, momentum, epsilon, whether over the batch. */
    private static @Nullable NDArray batchNorm(
            Recorder.Note note, @Nullable Object[] given, boolean training, Recorder.Really really) throws Throwable {
        boolean ofBatch = Boolean.TRUE.equals(given[8]);
        if (ofBatch && !training) {
            return null;
        }
        NDArray result = really.run();
        int dimensions = result.getShape().dimension();
        int axis = given[5] instanceof Integer number && number != -1 ? number : 1;
        int[] swapped = java.util.stream.IntStream.range(0, dimensions)
                .map(i -> i == 1 ? axis : i == axis ? 1 : i)
                .toArray();
        // DJL's momentum is the share of the old statistics that stays, the engine's the share of the new.
        float momentum = given[6] instanceof Float share ? 1 - share : 0.1f;
        Object input = axis == 1 ? given[0] : note.of("torch.permute", result, given[0], swapped);
        NDArray normal = note.of(
                "torch.batch_norm",
                result,
                input,
                given[3],
                given[4],
                given[1],
                given[2],
                ofBatch,
                momentum,
                given[7],
                true);
        return axis == 1 ? normal : note.of("torch.permute", result, normal, swapped);
    }

    private static NDList joined(NDArray self, @Nullable Object others) {
        NDList list = new NDList(self);
        if (others instanceof NDList more) {
            list.addAll(more);
        }
        return list;
    }

    private static String word(Map<String, String> words, String name) {
        return String.valueOf(words.get(name));
    }

    private static long[] numbers(@Nullable Object shape) {
        return shape instanceof Shape given ? given.getShape() : new long[0];
    }

    private static int length(@Nullable Object shape) {
        return numbers(shape).length;
    }

    private static long[] ones(int count) {
        return LongStream.generate(() -> 1).limit(count).toArray();
    }

    private static int[] places(int dimensions) {
        int[] axes = new int[dimensions - 2];
        Arrays.setAll(axes, i -> i + 2);
        return axes;
    }
}
