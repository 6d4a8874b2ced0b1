package org.offramp.host.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns functions of a network into one TorchScript archive. */
public final class Compiler {
    private final Archive archive = new Archive();
    private final Map<String, Parameter> parameters;
    private final Form form;
    private final Map<String, Graph> trained = new HashMap<>();

    /** What an archive is for. */
    public enum Form {
        /** Inference, operation for operation: the same bits as the Block gives. */
        PLAIN,
        /** Inference: BatchNorm folded, activations joined, convolution weights laid out with their channels last. */
        INFERENCE,
        /** Training: activations joined, channels last, the Block's parameters as the module's. */
        TRAINING,
        /** Training, operation for operation: the same bits, losses and gradients, as the Block gives. */
        PLAIN_TRAINING,
        /** Training as a person writes it in Python, with one operation an activation; to compare with. */
        JOINED_TRAINING;

        /** Whether methods are differentiated, and have the Block's parameters in common. */
        boolean isTraining() {
            return this == TRAINING || this == PLAIN_TRAINING || this == JOINED_TRAINING;
        }
    }

    /**
     * A compiler.
     *
     * @param parameters by name: their arrays may only be taken from the parameter store
     * @param form what the archive is for
     */
    public Compiler(Map<String, Parameter> parameters, Form form) {
        this.parameters = parameters;
        this.form = form;
    }

    /**
     * Adds a function as a method that returns a tuple. It is traced in inference mode.
     *
     * @param name the method's name
     * @param function the function
     * @param inputShapes the shapes of its inputs, without the batch dimension
     * @param rows whether to add also {@code name_of(rows, …)}, which first picks rows of every input
     * @throws UntraceableException if it cannot be compiled; the archive is as before
     */
    public void add(String name, StageFunction function, List<Shape> inputShapes, boolean rows) {
        Graph graph = Tracer.trace(function, inputShapes, parameters, Recorder.Purpose.INFERENCE, false);
        archive.method(name, Simplifier.simplify(graph, form), rows, form);
    }

    /**
     * Adds methods written by hand, which call those that were added.
     *
     * @param source their text, indented by two
     */
    public void add(String source) {
        archive.methods(source);
    }

    /**
     * Adds a function as a method that is differentiated.
     *
     * @param name the method's name
     * @param function the function
     * @param inputShapes the shapes of its inputs, without the batch dimension
     * @param training whether the function is in training mode: dropout, BatchNorm over the batch
     * @param always whether to add it also where its operations say that nothing is gained
     * @return whether it was added
     * @throws UntraceableException if it cannot be compiled; the archive is as before
     */
    public boolean addTrained(
            String name, StageFunction function, List<Shape> inputShapes, boolean training, boolean always) {
        Graph graph = Tracer.trace(function, inputShapes, parameters, Recorder.Purpose.TRAINING, training);
        if (!always && !TrainingGain.isExpected(graph)) {
            return false;
        }
        Graph simplified = Simplifier.simplify(graph, form);
        archive.method(name, simplified, false, form);
        for (int i = 0; i < simplified.rectifiers().size(); i++) {
            archive.method(
                    Tape.gradientMethod(name, i),
                    RectifierGradient.of(simplified, simplified.rectifiers().get(i)),
                    false,
                    form);
        }
        trained.put(name, simplified);
        return true;
    }

    /** Whether a method added by {@link #addTrained} has PReLUs whose gradients are Offramp's own. */
    public boolean isCut(String name) {
        return !trained(name).rectifiers().isEmpty();
    }

    /** Whether what such a method gives is what such a PReLU gives. */
    public boolean endsCut(String name) {
        Graph graph = trained(name);
        return graph.rectifiers().stream().anyMatch(rectifier -> graph.outputs().contains(rectifier.output()));
    }

    /** How many results of such a method are outputs; what follows is for {@link Tape}. */
    int outputs(String name) {
        return trained(name).outputs().size();
    }

    private Graph trained(String name) {
        Graph graph = trained.get(name);
        if (graph == null) {
            throw new IllegalArgumentException("no method '" + name + "' was added for training");
        }
        return graph;
    }

    /** The parameters that the methods added by {@link #addTrained} use, by the names of the module's. */
    public Map<String, Parameter> parameters() {
        return archive.parameters();
    }

    /**
     * Adds a file that rides along as {@code extra/NAME}.
     *
     * @param name its name: letters, digits, dots, hyphens and underscores
     * @param content its bytes
     * @throws IllegalArgumentException if the name has other characters
     */
    public void extra(String name, byte[] content) {
        if (!name.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException("an extra file is called '" + name + "'");
        }
        archive.extra(name, content);
    }

    /** The archive's bytes: the same for the same functions and parameters. */
    public byte[] archive() {
        return archive.bytes();
    }
}
