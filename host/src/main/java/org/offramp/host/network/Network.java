package org.offramp.host.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.offramp.api.ArchivedStage;
import org.offramp.api.Backbone;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.NetworkView;
import org.offramp.api.Part;
import org.offramp.api.Stage;
import org.offramp.host.graph.Macs;
import org.offramp.host.graph.StageFunction;

/**
 * A backbone cut at its exits, with the heads attached so far. Stage n runs the backbone's stages between exit n - 1 and exit n,
 * then the heads of exit n. Owns all parameters; not thread-safe while heads are attached or parameters trained.
 */
public final class Network implements NetworkView, AutoCloseable {
    private final NDManager manager;
    private final ParameterStore parameters;
    private final Shape inputShape;
    private final int classes;
    private final Backbone backbone;
    private final List<List<Stage>> parts = new ArrayList<>();
    private final List<Block> stages = new ArrayList<>();
    private final List<Shape> activations = new ArrayList<>();
    private final List<List<Head>> heads = new ArrayList<>();
    private final Map<Integer, Long> stageMacs = new LinkedHashMap<>();
    private final Map<Head, Long> headMacs = new LinkedHashMap<>();

    private Network(Backbone backbone, List<Integer> exits, long seed) {
        this.manager = NDManager.newBaseManager();
        this.parameters = new PlainParameterStore(manager);
        this.backbone = backbone;
        this.inputShape = backbone.inputShape();
        this.classes = backbone.classes();
        manager.getEngine().setRandomSeed(Math.toIntExact(seed & 0x7fffffff));
        Shape shape = inputShape;
        int from = 0;
        List<Integer> cuts = new ArrayList<>(exits);
        cuts.add(backbone.stages().size());
        for (int cut : cuts) {
            List<Stage> part = backbone.stages().subList(from, cut);
            Block block = combine(part);
            Shape batched = new Shape(1).addAll(shape);
            if (!block.isInitialized()) {
                block.initialize(manager, DataType.FLOAT32, batched);
            }
            freeze(block, true);
            shape = block.getOutputShapes(new Shape[] {batched})[0].slice(1);
            parts.add(part);
            stages.add(block);
            activations.add(shape);
            heads.add(new ArrayList<>());
            from = cut;
        }
        if (!shape.equals(new Shape(classes))) {
            throw new IllegalArgumentException(
                    "the backbone's last stage gives " + shape + " per sample instead of (" + classes + ")");
        }
    }

    /**
     * Assembles and initialises a network.
     *
     * @param backbone the backbone
     * @param exits the backbone's stages after which an early exit is placed, counted from 1, ascending
     * @param seed seeds the initial parameters
     * @throws IllegalArgumentException if an exit is not between the first and the last stage, or out of order
     */
    public static Network assemble(Backbone backbone, List<Integer> exits, long seed) {
        int stages = backbone.stages().size();
        int previous = 0;
        for (int exit : exits) {
            if (exit <= previous || exit >= stages) {
                throw new IllegalArgumentException("exits " + exits + ": an early exit can be placed after stage 1 to "
                        + (stages - 1) + " of " + stages + ", in ascending order");
            }
            previous = exit;
        }
        return new Network(backbone, exits, seed);
    }

    private static Block combine(List<Stage> part) {
        if (part.size() == 1) {
            return part.get(0).block();
        }
        SequentialBlock block = new SequentialBlock();
        part.forEach(stage -> block.add(stage.block()));
        return block;
    }

    @Override
    public int exits() {
        return stages.size();
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public Shape inputShape() {
        return inputShape;
    }

    @Override
    public Shape activationShape(int exit) {
        return activations.get(exit - 1);
    }

    @Override
    public List<Head> heads() {
        return heads.stream().flatMap(List::stream).toList();
    }

    @Override
    public boolean has(int exit, HeadOutput output) {
        return outputs(exit).contains(output);
    }

    /** The engine's memory this network lives in; its parameters are attached to it. */
    public NDManager manager() {
        return manager;
    }

    /** Hands out this network's parameters. */
    public ParameterStore parameters() {
        return parameters;
    }

    /**
     * The outputs of an exit in the order in which {@link #forward} returns them after the activation.
     *
     * @param exit {@code 1 … exits()}
     */
    public List<HeadOutput> outputs(int exit) {
        List<HeadOutput> outputs = new ArrayList<>();
        if (exit == exits()) {
            outputs.add(HeadOutput.LOGITS);
        }
        heads.get(exit - 1).forEach(head -> outputs.add(head.output()));
        return outputs;
    }

    /**
     * The outputs of earlier exits that the heads of an exit read, in the order in which {@link #forward} expects them after
     * the activation.
     *
     * @param exit {@code 1 … exits()}
     */
    public List<Head.Input> earlierInputs(int exit) {
        TreeSet<Head.Input> inputs =
                new TreeSet<>(Comparator.comparingInt(Head.Input::exit).thenComparing(Head.Input::output));
        for (Head head : heads.get(exit - 1)) {
            head.inputs().stream().filter(input -> input.exit() < exit).forEach(inputs::add);
        }
        return List.copyOf(inputs);
    }

    /**
     * Attaches a head after checking it against the network; initialises its block.
     *
     * @param head the head
     * @param seed seeds the initial parameters
     * @throws IllegalArgumentException if the head does not suit
     */
    public void attach(Head head, long seed) {
        int exit = head.exit();
        if (exit < 1 || exit > exits() || (exit == exits() && head.output() == HeadOutput.LOGITS)) {
            throw new IllegalArgumentException("a head for " + head.output() + " at exit " + exit
                    + ": early exits are 1 to " + (exits() - 1) + ", the last exit has its own logits");
        }
        List<Shape> shapes = new ArrayList<>();
        shapes.add(new Shape(1).addAll(activationShape(exit)));
        for (Head.Input input : head.inputs()) {
            if (!has(input.exit(), input.output())) {
                throw new IllegalArgumentException("the head " + head.output() + " of exit " + exit + " reads "
                        + input.output() + " of exit " + input.exit() + ", which does not exist");
            }
            shapes.add(new Shape(1, width(input.output())));
        }
        Shape[] batched = shapes.toArray(Shape[]::new);
        if (!head.block().isInitialized()) {
            manager.getEngine().setRandomSeed(Math.toIntExact(seed & 0x7fffffff));
            head.block().initialize(manager, DataType.FLOAT32, batched);
        }
        Shape given = head.block().getOutputShapes(batched)[0];
        if (!given.equals(new Shape(1, width(head.output())))) {
            throw new IllegalArgumentException("the head " + head.output() + " of exit " + exit + " gives " + given
                    + " instead of (1, " + width(head.output()) + ")");
        }
        freeze(head.block(), true);
        List<Head> there = heads.get(exit - 1);
        there.stream()
                .filter(other -> other.output() == head.output())
                .findFirst()
                .ifPresent(replaced -> {
                    there.remove(replaced);
                    discard(replaced, head);
                });
        there.add(head);
        // A head that reads another one of the same exit comes after it.
        there.sort(Comparator.comparing((Head each) -> each.inputs().stream()
                        .filter(input -> input.exit() == exit)
                        .count())
                .thenComparing(Head::output));
    }

    /**
     * Takes a head away.
     *
     * @param exit {@code 1 … exits()}
     * @param output the output
     * @throws IllegalArgumentException if there is no such head, or another head reads it
     */
    public void detach(int exit, HeadOutput output) {
        Head.Input gone = new Head.Input(exit, output);
        for (Head reader : heads()) {
            if (reader.inputs().contains(gone)) {
                throw new IllegalArgumentException("the head " + output + " of exit " + exit
                        + " cannot be taken away: the head " + reader.output() + " of exit " + reader.exit()
                        + " reads it");
            }
        }
        if (exit < 1 || exit > exits()) {
            throw new IllegalArgumentException("exit " + exit + " has no head for " + output + " to take away");
        }
        Head head = heads.get(exit - 1).stream()
                .filter(each -> each.output() == output)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("exit " + exit + " has no head for " + output + " to take away"));
        heads.get(exit - 1).remove(head);
        head.block().getParameters().values().forEach(Parameter::close);
    }

    /**
     * Sets all trainable parameters of a part.
     *
     * @param part a stage or a head
     * @param values their values, one parameter after the other, row by row
     * @throws IllegalArgumentException if the part has another number of values
     */
    public void set(Part part, float[] values) {
        Collection<Parameter> parameters = trainable(part::equals).values();
        long size = parameters.stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
        if (size != values.length) {
            throw new IllegalArgumentException(
                    part + " has " + size + " trainable values, " + values.length + " are given");
        }
        int from = 0;
        for (Parameter parameter : parameters) {
            NDArray array = parameter.getArray();
            int to = from + (int) array.size();
            try (NDArray given = manager.create(Arrays.copyOfRange(values, from, to), array.getShape())) {
                Weights.copy(given, array);
            }
            from = to;
        }
    }

    /** Closes the parameters of a head that is replaced, those aside that the new one has too. */
    private static void discard(Head replaced, Head by) {
        Set<Parameter> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        kept.addAll(by.block().getParameters().values());
        replaced.block().getParameters().values().stream()
                .filter(parameter -> !kept.contains(parameter))
                .forEach(Parameter::close);
    }

    private int width(HeadOutput output) {
        return switch (output) {
            case COMMITMENT -> 1;
            case RECONSTRUCTION -> (int) inputShape.size();
            case LOGITS, DISTANCES -> classes;
        };
    }

    /**
     * Runs stage n.
     *
     * @param store hands out parameters
     * @param exit n, counted from 1
     * @param activation the activation after stage n - 1, or the samples
     * @param training whether the stage is in training mode
     * @return the activation after stage n; for the last stage the logits
     */
    public NDArray forwardStage(ParameterStore store, int exit, NDArray activation, boolean training) {
        return stages.get(exit - 1)
                .forward(store, new NDList(activation), training)
                .singletonOrThrow();
    }

    /**
     * Runs a head.
     *
     * @param store hands out parameters
     * @param head the head
     * @param activation the activation at its exit
     * @param read gives the outputs that the head reads
     * @param training whether the head is in training mode; no gradient flows into what it reads
     * @return the output, {@code (batch, k)}
     */
    public NDArray forwardHead(
            ParameterStore store, Head head, NDArray activation, Function<Head.Input, NDArray> read, boolean training) {
        NDList given = new NDList(activation);
        for (Head.Input input : head.inputs()) {
            NDArray array = read.apply(input);
            given.add(training ? array.stopGradient() : array);
        }
        return head.block().forward(store, given, training).singletonOrThrow();
    }

    /**
     * Runs stage n and the heads of exit n in inference mode.
     *
     * @param store hands out parameters
     * @param exit n, counted from 1
     * @param inputs the activation after stage n - 1 (or the samples), then {@link #earlierInputs}
     * @return the activation after stage n, then {@link #outputs}
     */
    public NDList forward(ParameterStore store, int exit, NDList inputs) {
        return forwardHeads(store, exit, forwardStage(store, exit, inputs.get(0), false), inputs);
    }

    private NDList forwardHeads(ParameterStore store, int exit, NDArray activation, NDList inputs) {
        NDList result = new NDList(activation);
        Map<Head.Input, NDArray> known = new LinkedHashMap<>();
        List<Head.Input> earlier = earlierInputs(exit);
        for (int i = 0; i < earlier.size(); i++) {
            known.put(earlier.get(i), inputs.get(i + 1));
        }
        if (exit == exits()) {
            known.put(new Head.Input(exit, HeadOutput.LOGITS), activation);
            result.add(activation);
        }
        for (Head head : heads.get(exit - 1)) {
            NDArray output = forwardHead(store, head, activation, input -> required(known, input), false);
            known.put(new Head.Input(exit, head.output()), output);
            result.add(output);
        }
        return result;
    }

    /**
     * The head that gives an output.
     *
     * @param exit {@code 1 … exits()}
     * @param output the output; not the last exit's logits
     * @throws IllegalStateException if there is none
     */
    public Head head(int exit, HeadOutput output) {
        return heads.get(exit - 1).stream()
                .filter(head -> head.output() == output)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "exit " + exit + " has no head for " + output + "; it has " + outputs(exit)));
    }

    private static NDArray required(Map<Head.Input, NDArray> known, Head.Input input) {
        NDArray array = known.get(input);
        if (array == null) {
            throw new IllegalStateException("a head reads " + input + ", which is computed after it");
        }
        return array;
    }

    /**
     * Stage n with its heads as one function in inference mode.
     *
     * @param exit {@code 1 … exits()}
     */
    public StageFunction stageFunction(int exit) {
        return (store, inputs, training) -> forward(store, exit, inputs);
    }

    /**
     * The heads of exit n alone, behind a stage that the host does not look into: takes the activation after stage n and {@link #earlierInputs},
     * gives what {@link #stageFunction} gives.
     *
     * @param exit {@code 1 … exits()}
     */
    public StageFunction headsFunction(int exit) {
        return (store, inputs, training) -> forwardHeads(store, exit, inputs.get(0), inputs);
    }

    /**
     * For exit 1 … N the archives that stage n runs one after the other; empty where not every stage of the backbone is one.
     */
    public List<List<ArchivedStage>> archivedStages() {
        boolean all = parts.stream()
                .flatMap(List::stream)
                .allMatch(stage -> stage.archived().isPresent());
        return all
                ? parts.stream()
                        .map(part -> part.stream()
                                .flatMap(stage -> stage.archived().stream())
                                .toList())
                        .toList()
                : List.of();
    }

    /** The plain backbone, from samples to logits, without heads, as one function in inference mode. */
    public StageFunction backboneFunction() {
        return (store, inputs, training) -> {
            NDArray activation = inputs.get(0);
            for (int exit = 1; exit <= exits(); exit++) {
                activation = forwardStage(store, exit, activation, false);
            }
            return new NDList(activation);
        };
    }

    /**
     * The shapes, without batch, of the inputs that stage n expects.
     *
     * @param exit {@code 1 … exits()}
     */
    public List<Shape> stageInputShapes(int exit) {
        return inputShapes(exit == 1 ? inputShape : activationShape(exit - 1), exit);
    }

    /**
     * The shapes, without batch, of the inputs that the heads of exit n expect.
     *
     * @param exit {@code 1 … exits()}
     */
    public List<Shape> headInputShapes(int exit) {
        return inputShapes(activationShape(exit), exit);
    }

    private List<Shape> inputShapes(Shape activation, int exit) {
        List<Shape> shapes = new ArrayList<>();
        shapes.add(activation);
        earlierInputs(exit).forEach(input -> shapes.add(new Shape(width(input.output()))));
        return shapes;
    }

    @Override
    public long stageMacs(int exit) {
        return stageMacs.computeIfAbsent(exit, this::countStage);
    }

    private long countStage(int exit) {
        List<Shape> shapes = List.of(exit == 1 ? inputShape : activationShape(exit - 1));
        if (parts.get(exit - 1).stream().allMatch(stage -> stage.archived().isEmpty())) {
            return Macs.perSample(
                    (store, inputs, training) -> new NDList(forwardStage(store, exit, inputs.get(0), false)), shapes);
        }
        long macs = 0;
        Shape[] batched = {new Shape(1).addAll(shapes.get(0))};
        for (Stage stage : parts.get(exit - 1)) {
            List<Shape> given = List.of(batched[0].slice(1));
            macs += stage.archived()
                    .map(ArchivedStage::macs)
                    .orElseGet(() -> Macs.perSample(
                            (store, inputs, training) -> stage.block().forward(store, inputs, false), given));
            batched = stage.block().getOutputShapes(batched);
        }
        return macs;
    }

    @Override
    public long headMacs(int exit) {
        return heads.get(exit - 1).stream().mapToLong(this::macsOf).sum();
    }

    /**
     * The MACs of one head for one sample.
     *
     * @param head an attached head
     */
    public long macsOf(Head head) {
        return headMacs.computeIfAbsent(head, key -> {
            List<Shape> shapes = new ArrayList<>();
            shapes.add(activationShape(key.exit()));
            key.inputs().forEach(input -> shapes.add(new Shape(width(input.output()))));
            return Macs.perSample((store, inputs, training) -> key.block().forward(store, inputs, false), shapes);
        });
    }

    /** The MACs of the plain backbone for one sample. */
    public long backboneMacs() {
        long sum = 0;
        for (int exit = 1; exit <= exits(); exit++) {
            sum += stageMacs(exit);
        }
        return sum;
    }

    /** For exit 1 … N the MACs of a sample that leaves there, evaluated heads included. */
    public long[] cumulativeMacs() {
        long[] macs = new long[exits()];
        long sum = 0;
        for (int exit = 1; exit <= exits(); exit++) {
            sum += stageMacs(exit) + headMacs(exit);
            macs[exit - 1] = sum;
        }
        return macs;
    }

    /** The outline of this network as it stands. */
    public NetworkPlan plan() {
        List<List<HeadOutput>> outputs = new ArrayList<>();
        List<List<Head.Input>> earlier = new ArrayList<>();
        for (int exit = 1; exit <= exits(); exit++) {
            outputs.add(outputs(exit));
            earlier.add(earlierInputs(exit));
        }
        return new NetworkPlan(
                inputShape,
                classes,
                outputs,
                earlier,
                java.util.Arrays.stream(cumulativeMacs()).boxed().toList(),
                backboneMacs());
    }

    /** All parameters by name, in a fixed order: {@code stage1.…}, {@code head1.logits.…}. */
    public Map<String, Parameter> parametersByName() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        for (int exit = 1; exit <= exits(); exit++) {
            put(all, "stage" + exit, stages.get(exit - 1));
            for (Head head : heads.get(exit - 1)) {
                put(all, "head" + exit + "." + head.output().name().toLowerCase(java.util.Locale.ROOT), head.block());
            }
        }
        return all;
    }

    /** The backbone's parameters by their published names; empty where there are none. */
    public Map<String, Parameter> publishedParameters() {
        return backbone.publishedParameters();
    }

    /** Text files that belong beside the published parameters, by name. */
    public Map<String, String> publishedFiles() {
        return backbone.publishedFiles();
    }

    /** The backbone's own figures. */
    public Map<String, Double> backboneFigures() {
        return backbone.figures();
    }

    /**
     * The trainable parameters of the given parts, by name.
     *
     * @param parts says which parts
     */
    public Map<String, Parameter> trainable(Predicate<Part> parts) {
        Map<String, Parameter> all = new LinkedHashMap<>();
        for (int exit = 1; exit <= exits(); exit++) {
            if (parts.test(new Part.OfStage(exit))) {
                put(all, "stage" + exit, stages.get(exit - 1));
            }
            for (Head head : heads.get(exit - 1)) {
                if (parts.test(new Part.OfHead(exit, head.output()))) {
                    put(
                            all,
                            "head" + exit + "." + head.output().name().toLowerCase(java.util.Locale.ROOT),
                            head.block());
                }
            }
        }
        all.values().removeIf(Network::isStatistic);
        return all;
    }

    private static void put(Map<String, Parameter> all, String prefix, Block block) {
        block.getParameters().forEach(pair -> all.put(prefix + "." + pair.getKey(), pair.getValue()));
    }

    private static boolean isStatistic(Parameter parameter) {
        return parameter.getType() == Parameter.Type.RUNNING_MEAN || parameter.getType() == Parameter.Type.RUNNING_VAR;
    }

    private static void freeze(Block block, boolean frozen) {
        block.getParameters().values().stream()
                .filter(parameter -> !isStatistic(parameter))
                .forEach(parameter -> parameter.freeze(frozen));
    }

    @Override
    public void close() {
        manager.close();
    }
}
