package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.List;

/** Turns functions of a network into one TorchScript archive for inference. */
public final class Compiler {
    private final Archive archive = new Archive();
    private final Collection<NDArray> parameters;

    /**
     * A compiler.
     *
     * @param parameters arrays that a function may only take from the parameter store
     */
    public Compiler(Collection<NDArray> parameters) {
        this.parameters = parameters;
    }

    /**
     * Adds a function as a method that returns a tuple, with parameters as constants, BatchNorm folded and channels last.
     *
     * @param name the method's name
     * @param function the function
     * @param inputShapes the shapes of its inputs, without the batch dimension
     * @param rows whether to add also {@code name_of(rows, …)}, which first picks rows of every input
     * @throws UntraceableException if it cannot be compiled; the archive is as before
     */
    public void add(String name, StageFunction function, List<Shape> inputShapes, boolean rows) {
        archive.method(name, Simplifier.simplify(Tracer.trace(function, inputShapes, parameters)), rows);
    }

    /** The archive's bytes: the same for the same functions and parameters. */
    public byte[] archive() {
        return archive.bytes();
    }
}
