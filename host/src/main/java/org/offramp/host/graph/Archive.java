package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive under construction: one module whose methods are graphs and whose attributes are their constants. Written by
 * Offramp itself: a zip with a pickle and source text, of format version 10. The same graphs give the same bytes.
 */
final class Archive {
    static final String ROOT = "net";
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final StringBuilder methods = new StringBuilder();
    private final Map<String, Tensor> attributes = new LinkedHashMap<>();
    private final Map<Parameter, String> parameters = new LinkedHashMap<>();
    /** What several methods use is there once, as the backbone's weights are in its own method and in those of its stages. */
    private final Map<Constant, String> shared = new HashMap<>();

    private final Set<String> channelsLast = new LinkedHashSet<>();
    private final SortedMap<String, byte[]> extras = new TreeMap<>();

    /** A constant in one of two layouts. */
    private record Constant(Tensor tensor, boolean weight) {}

    /**
     * Adds a method that takes the graph's inputs and returns a tuple of its outputs, and behind them what each of its rectifiers reads and
     * gives.
     *
     * @param name the method's name
     * @param graph what it computes
     * @param rows whether to add also {@code name_of(rows, …)}, which first picks rows of every input: by {@code index}, which keeps
     *     channels last where they are, as {@code index_select} does not
     * @param form how constants are laid out, and whether parameters are shared by all methods
     */
    void method(String name, Graph graph, boolean rows, Compiler.Form form) {
        Map<Integer, String> names = new LinkedHashMap<>();
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            names.put(graph.inputs().get(i), "x" + i);
            inputs.add("x" + i);
        }
        Set<Integer> weights = form == Compiler.Form.INFERENCE ? convolutionWeights(graph) : Set.of();
        graph.constants().forEach((id, tensor) -> {
            Parameter parameter = graph.parameters().get(id);
            String attribute = form.isTraining()
                    ? parameter == null
                            ? name + "_c" + id
                            : parameters.computeIfAbsent(parameter, key -> "p" + parameters.size())
                    : shared.computeIfAbsent(new Constant(tensor, weights.contains(id)), key -> name + "_c" + id);
            attributes.put(attribute, tensor);
            if (weights.contains(id)) {
                channelsLast.add(attribute);
            }
            names.put(id, "self." + attribute);
        });
        List<Integer> results = new ArrayList<>(graph.outputs());
        graph.rectifiers().forEach(rectifier -> results.addAll(List.of(rectifier.input(), rectifier.output())));
        header(name, inputs, List.of(), results.size());
        boolean sized = graph.operations().stream().anyMatch(Archive::dependsOnBatch);
        if (sized) {
            methods.append("    n = torch.size(x0, 0)\n");
        }
        for (Operation operation : graph.operations()) {
            line(operation, names);
            names.put(operation.result(), "v" + operation.result());
        }
        List<String> outputs = results.stream().map(id -> known(names, id)).toList();
        methods.append("    return (").append(String.join(", ", outputs)).append(",)\n");
        if (rows) {
            List<String> arguments = new ArrayList<>(List.of("rows"));
            arguments.addAll(inputs);
            header(name + "_of", arguments, List.of(), graph.outputs().size());
            List<String> picked = inputs.stream()
                    .map(input -> "torch.index(" + input + ", (rows,))")
                    .toList();
            methods.append("    return (self).")
                    .append(name)
                    .append('(')
                    .append(String.join(", ", picked))
                    .append(", )\n");
        }
    }

    /**
     * Adds a method that takes numbers and lists of arrays, changes the lists' arrays, and returns the numbers. Lists that are put together
     * inside the method would not do: the engine takes a change of their arrays for dead code.
     *
     * @param name the method's name
     * @param numbers how many numbers it takes: the values 0, 1, …
     * @param lists how many lists: the values that follow
     * @param operations what is done to the lists
     */
    void update(String name, int numbers, int lists, List<Operation> operations) {
        Map<Integer, String> names = new LinkedHashMap<>();
        for (int i = 0; i < numbers + lists; i++) {
            names.put(i, "x" + i);
        }
        List<String> inputs = List.copyOf(names.values());
        header(name, inputs, inputs.subList(numbers, inputs.size()), numbers);
        operations.forEach(operation -> line(operation, names));
        methods.append("    return (")
                .append(String.join(", ", inputs.subList(0, numbers)))
                .append(",)\n");
    }

    /** Adds methods' text. */
    void methods(String source) {
        methods.append(source);
    }

    /**
     * Adds a file that rides along.
     *
     * @param name its name under {@code extra/}
     * @param content its bytes
     */
    void extra(String name, byte[] content) {
        extras.put(name, content);
    }

    /** The attributes that are parameters. */
    Map<String, Parameter> parameters() {
        Map<String, Parameter> byName = new LinkedHashMap<>();
        parameters.forEach((parameter, name) -> byName.put(name, parameter));
        return byName;
    }

    private static Set<Integer> convolutionWeights(Graph graph) {
        Set<Integer> weights = new HashSet<>();
        for (Operation operation : graph.operations()) {
            if (operation.function().equals("torch.conv2d")
                    && operation.arguments().get(1) instanceof Argument.Value weight) {
                weights.add(weight.id());
            }
        }
        return weights;
    }

    private void header(String name, List<String> inputs, List<String> lists, int outputs) {
        methods.append("  def ").append(name).append("(self: __torch__.Net");
        inputs.forEach(input ->
                methods.append(",\n    ").append(input).append(lists.contains(input) ? ": List[Tensor]" : ": Tensor"));
        List<String> types = java.util.Collections.nCopies(outputs, "Tensor");
        methods.append(") -> Tuple[").append(String.join(", ", types)).append("]:\n");
    }

    private void line(Operation operation, Map<Integer, String> names) {
        methods.append("    v")
                .append(operation.result())
                .append(" = ")
                .append(call(operation, names))
                .append('\n');
    }

    private static boolean dependsOnBatch(Operation operation) {
        return operation.arguments().stream().flatMap(Archive::numbers).anyMatch(number -> number.factor() != 0);
    }

    private static Stream<Argument.BatchSize> numbers(Argument argument) {
        if (argument instanceof Argument.Whole whole) {
            return Stream.of(whole.number());
        }
        if (argument instanceof Argument.Named named) {
            return numbers(named.argument());
        }
        return argument instanceof Argument.Wholes wholes ? wholes.numbers().stream() : Stream.of();
    }

    private static String call(Operation operation, Map<Integer, String> names) {
        return operation.function() + "("
                + operation.arguments().stream()
                        .map(argument -> text(argument, names))
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private static String text(Argument argument, Map<Integer, String> names) {
        if (argument instanceof Argument.Value value) {
            return known(names, value.id());
        }
        if (argument instanceof Argument.Values values) {
            return "["
                    + String.join(
                            ", ",
                            values.ids().stream().map(id -> known(names, id)).toList())
                    + "]";
        }
        if (argument instanceof Argument.Whole whole) {
            return text(whole.number());
        }
        if (argument instanceof Argument.Wholes wholes) {
            return "["
                    + String.join(
                            ", ", wholes.numbers().stream().map(Archive::text).toList()) + "]";
        }
        if (argument instanceof Argument.Real real) {
            return Double.toString(real.number()).toLowerCase(Locale.ROOT);
        }
        if (argument instanceof Argument.Flag flag) {
            return flag.flag() ? "True" : "False";
        }
        if (argument instanceof Argument.Named named) {
            return named.name() + "=" + text(named.argument(), names);
        }
        return "None";
    }

    private static String text(Argument.BatchSize number) {
        if (number.factor() == 0) {
            return Long.toString(number.offset());
        }
        String product = number.factor() == 1 ? "n" : "torch.mul(n, " + number.factor() + ")";
        return number.offset() == 0 ? product : "torch.add(" + product + ", " + number.offset() + ")";
    }

    private static String known(Map<Integer, String> names, int id) {
        String name = names.get(id);
        if (name == null) {
            throw new IllegalStateException("value " + id + " is read before it is made");
        }
        return name;
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "data.pkl", pickle());
            put(zip, "code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
            put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            int number = 0;
            for (Map.Entry<String, Tensor> attribute : attributes.entrySet()) {
                put(
                        zip,
                        "data/" + number++,
                        stored(attribute.getKey(), attribute.getValue()).data());
            }
            for (Map.Entry<String, byte[]> extra : extras.entrySet()) {
                put(zip, "extra/" + extra.getKey(), extra.getValue());
            }
            put(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private boolean isChannelsLast(String name, Tensor tensor) {
        return channelsLast.contains(name) && tensor.shape().dimension() == 4 && tensor.type() == DataType.FLOAT32;
    }

    private Tensor stored(String name, Tensor tensor) {
        return isChannelsLast(name, tensor) ? tensor.channelsLast() : tensor;
    }

    private String code() {
        StringBuilder code = new StringBuilder("class Net(Module):\n  __parameters__ = [");
        parameters.values().forEach(name -> code.append('"').append(name).append("\", "));
        code.append("]\n  __buffers__ = []\n");
        attributes.keySet().forEach(name -> code.append("  ").append(name).append(" : Tensor\n"));
        return code.append(methods).toString();
    }

    private byte[] pickle() {
        Pickle pickle = new Pickle();
        pickle.begin();
        int number = 0;
        for (Map.Entry<String, Tensor> attribute : attributes.entrySet()) {
            Tensor tensor = attribute.getValue();
            pickle.tensor(
                    attribute.getKey(),
                    number++,
                    tensor.type(),
                    tensor.shape().getShape(),
                    isChannelsLast(attribute.getKey(), tensor) ? lastStrides(tensor.shape()) : strides(tensor.shape()));
        }
        return pickle.end();
    }

    static long[] strides(Shape shape) {
        long[] strides = new long[shape.dimension()];
        long stride = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.get(i);
        }
        return strides;
    }

    private static long[] lastStrides(Shape shape) {
        long channels = shape.get(1);
        long width = shape.get(3);
        return new long[] {channels * shape.get(2) * width, 1, channels * width, channels};
    }

    static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(ROOT + "/" + name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(EPOCH);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
