package org.offramp.host.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Part;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.Compiler;
import org.offramp.host.graph.StageFunction;
import org.offramp.host.graph.Tape;
import org.offramp.host.graph.UntraceableException;
import org.offramp.host.network.Network;

/**
 * The stages of a phase through which gradients flow, compiled, with the network's own parameters as the module's. Each is compared
 * with the same stage run operation by operation, output and gradients; one that differs, cannot be compiled, or does not gain by it
 * is left out.
 */
final class TrainedStages implements AutoCloseable {
    /** What was written down must be what the stage does. */
    private static final Tolerance AS_TRACED = new Tolerance(1e-5, 1e-4);

    /**
     * Another layout sums in another order. BatchNorm over few values enlarges that, and single values cross the kink of an
     * activation: op by op differs from itself as much when a sample changes in its last digit.
     */
    private static final Tolerance AS_REWRITTEN = new Tolerance(1e-2, 1e-1);

    /**
     * How far compiled and op by op may be apart.
     *
     * @param output of the outputs, relative to the largest
     * @param gradient of all gradients together, as the length of the difference relative to the length
     */
    private record Tolerance(double output, double gradient) {}

    private final CompiledModule module;
    private final Compiler compiler;
    private final SortedMap<Integer, String> reasons;
    private final int first;
    private final int last;
    private final Predicate<Part> trained;
    private final int firstGradient;
    private final boolean isCut;
    private final Tape tape = new Tape();

    private TrainedStages(
            CompiledModule module,
            Compiler compiler,
            Predicate<Part> trained,
            SortedMap<Integer, String> reasons,
            int first,
            int firstGradient,
            int last) {
        this.module = module;
        this.compiler = compiler;
        this.reasons = reasons;
        this.trained = trained;
        this.firstGradient = firstGradient;
        this.isCut = IntStream.rangeClosed(first, last)
                .anyMatch(exit -> !reasons.containsKey(exit) && compiler.isCut(method(exit)));
        this.first = first;
        this.last = last;
    }

    /**
     * Compiles and compares. Leaves the network as it was, but that its parameters live in the module's memory.
     *
     * @param network the network, with the phase's parameters unfrozen
     * @param trained the parts that the phase trains
     * @param last the last stage it runs
     * @param when which stages to compile
     * @param probe samples to compare with, at least two
     */
    static TrainedStages compile(
            Network network, Predicate<Part> trained, int last, WhenToCompile when, NDArray probe) {
        int first = 1;
        while (first <= last && !trained.test(new Part.OfStage(first))) {
            first++;
        }
        Compiler compiler = new Compiler(network.parametersByName(), Compiler.Form.TRAINING);
        Compiler plain = new Compiler(network.parametersByName(), Compiler.Form.PLAIN_TRAINING);
        SortedMap<Integer, String> reasons = new TreeMap<>();
        for (int exit = first; exit <= last; exit++) {
            int stage = exit;
            try {
                StageFunction function = (store, inputs, training) ->
                        new NDList(network.forwardStage(store, stage, inputs.get(0), training));
                List<Shape> shapes = List.of(exit == 1 ? network.inputShape() : network.activationShape(exit - 1));
                boolean training = trained.test(new Part.OfStage(exit));
                if (compiler.addTrained(method(exit), function, shapes, training, when == WhenToCompile.ALWAYS)) {
                    plain.addTrained(method(exit), function, shapes, training, true);
                } else {
                    reasons.put(exit, "its operations gain nothing by it");
                }
            } catch (UntraceableException e) {
                reasons.put(exit, String.valueOf(e.getMessage()));
            }
        }
        byte[] archive = compiler.archive();
        try (CompiledModule traced = new CompiledModule(plain.archive());
                CompiledModule rewritten = new CompiledModule(archive)) {
            new Check(network, trained, traced, plain, AS_TRACED).run(first, last, reasons, probe);
            new Check(network, trained, rewritten, compiler, AS_REWRITTEN).run(first, last, reasons, probe);
        }
        CompiledModule module = new CompiledModule(archive);
        module.share(compiler.parameters());
        return new TrainedStages(
                module, compiler, trained, reasons, first, firstGradient(network, trained, first), last);
    }

    /** The first stage behind which gradients flow: a stage without parameters has none to give. */
    private static int firstGradient(Network network, Predicate<Part> trained, int first) {
        int exit = first;
        while (exit < network.exits() && isWithoutParameters(network, trained, new Part.OfStage(exit))) {
            exit++;
        }
        return exit;
    }

    private static boolean isWithoutParameters(Network network, Predicate<Part> trained, Part stage) {
        return network.trainable(part -> part.equals(stage) && trained.test(part))
                .isEmpty();
    }

    private static String method(int exit) {
        return "stage" + exit;
    }

    /** Whether a stage is here. */
    boolean has(int exit) {
        return exit >= first && exit <= last && !reasons.containsKey(exit);
    }

    /** Why stages are not here, by exit. */
    SortedMap<Integer, String> reasons() {
        return new TreeMap<>(reasons);
    }

    /** {@code compiled}, {@code op by op}, or which stages are which and why. */
    String describe() {
        if (last < first) {
            return PhaseRecord.OP_BY_OP;
        }
        return reasons.isEmpty() ? "compiled" : "op by op in stages " + reasons;
    }

    /** Runs a stage in the mode in which the phase has it. */
    NDArray forward(int exit, NDArray activation) {
        boolean learns = trained.test(new Part.OfStage(exit));
        NDArray given = tape.call(module, method(exit), 1, learns, new NDList(activation))
                .get(0);
        return compiler.endsCut(method(exit)) ? given : betweenStages(exit, given);
    }

    /** What a stage that is not here gives, as heads and the next stage should see it: each may be on the way back from a cut of its own. */
    NDArray betweenStages(int exit, NDArray activation) {
        return isCut && exit >= firstGradient ? tape.cut(activation) : activation;
    }

    /** Adds the gradients of a loss of what the stages gave since the last time. */
    void backward(GradientCollector collector, NDArray loss) {
        tape.backward(collector, loss);
    }

    @Override
    public void close() {
        module.close();
    }

    /** One forward and backward pass both ways, each on copies of the parameters and with the same chance. */
    private static final class Check {
        private final Network network;
        private final Predicate<Part> trained;
        private final CompiledModule module;
        private final Tape tape = new Tape();
        private final Map<String, Parameter> parameters;
        private final Tolerance tolerance;

        Check(Network network, Predicate<Part> trained, CompiledModule module, Compiler compiler, Tolerance tolerance) {
            this.network = network;
            this.trained = trained;
            this.module = module;
            this.parameters = compiler.parameters();
            this.tolerance = tolerance;
        }

        void run(int first, int last, SortedMap<Integer, String> reasons, NDArray probe) {
            try (StepMemory memory = new StepMemory();
                    NDManager scope = probe.getManager().newSubManager()) {
                memory.suppressNotUsedWarning();
                Copies copies = new Copies(scope);
                Map<String, NDArray> own = module.parameters(scope);
                own.forEach((name, array) -> array.setRequiresGradient(requiresGradient(name)));
                NDArray activation = probe.duplicate();
                for (int exit = 1; exit <= last; exit++) {
                    boolean training = trained.test(new Part.OfStage(exit));
                    if (exit < first || reasons.containsKey(exit)) {
                        activation = network.forwardStage(copies, exit, activation, training);
                        continue;
                    }
                    int stage = exit;
                    Pass plain = pass(activation, x -> network.forwardStage(copies, stage, x, training));
                    Pass compiled = pass(
                            activation,
                            x -> tape.call(module, method(stage), 1, training, new NDList(x))
                                    .get(0));
                    difference(plain, compiled, copies, own).ifPresent(why -> reasons.put(stage, why));
                    activation = plain.output();
                }
            }
        }

        private boolean requiresGradient(String name) {
            Parameter parameter = parameters.get(name);
            return parameter != null && parameter.getArray().hasGradient();
        }

        private interface Stage {
            NDArray of(NDArray activation);
        }

        private record Pass(NDArray output, NDArray gradient) {}

        private Pass pass(NDArray activation, Stage stage) {
            NDArray input = activation.duplicate();
            input.setRequiresGradient(true);
            network.manager().getEngine().setRandomSeed(1);
            try (GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
                NDArray output = stage.of(input);
                NDArray weights =
                        output.getManager().arange((float) output.size()).sin().reshape(output.getShape());
                tape.backward(collector, output.mul(weights).sum());
                return new Pass(output.stopGradient(), input.getGradient());
            }
        }

        private java.util.Optional<String> difference(
                Pass plain, Pass compiled, Copies copies, Map<String, NDArray> own) {
            if (!plain.output().getShape().equals(compiled.output().getShape())) {
                return java.util.Optional.of(
                        "compiled it gives " + compiled.output().getShape() + " instead of "
                                + plain.output().getShape());
            }
            double largest = plain.output().abs().max().getFloat();
            double difference =
                    plain.output().sub(compiled.output()).abs().max().getFloat();
            if (!(difference <= tolerance.output() * Math.max(largest, 1e-3))) {
                return java.util.Optional.of(
                        "compiled and op by op differ by " + difference + ", the largest value is " + largest);
            }
            double squared = squared(plain.gradient().sub(compiled.gradient()));
            double length = squared(plain.gradient());
            for (Map.Entry<String, NDArray> entry : own.entrySet()) {
                NDArray expected = copies.of(parameters.get(entry.getKey()));
                if (expected != null && expected.hasGradient()) {
                    squared +=
                            squared(expected.getGradient().sub(entry.getValue().getGradient()));
                    length += squared(expected.getGradient());
                }
            }
            return Math.sqrt(squared) <= tolerance.gradient() * Math.sqrt(length)
                    ? java.util.Optional.empty()
                    : java.util.Optional.of("the gradients of compiled and op by op differ by " + Math.sqrt(squared)
                            + " of " + Math.sqrt(length));
        }

        private static double squared(NDArray array) {
            return array.square().sum().getFloat();
        }
    }

    /** Hands out copies of the parameters, one of each. */
    private static final class Copies extends ParameterStore {
        private final NDManager scope;
        private final Map<Parameter, NDArray> copies = new HashMap<>();

        Copies(NDManager scope) {
            super(scope, false);
            this.scope = scope;
        }

        @Nullable
        NDArray of(@Nullable Parameter parameter) {
            return parameter == null ? null : copies.get(parameter);
        }

        @Override
        @SuppressWarnings("NullAway") // DJL asks for optional parameters with null and expects null back.
        public @Nullable NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
            if (parameter == null) {
                return null;
            }
            return copies.computeIfAbsent(parameter, key -> {
                NDArray copy = key.getArray().stopGradient().duplicate();
                copy.attach(scope);
                copy.setRequiresGradient(key.getArray().hasGradient());
                return copy;
            });
        }
    }
}
