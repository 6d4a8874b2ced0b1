package org.offramp.host.graph;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A loaded TorchScript archive. Thread-safe; closed with its manager. */
public final class CompiledModule implements AutoCloseable {
    private final NDManager manager;
    private final PtSymbolBlock module;

    /**
     * Loads an archive from memory.
     *
     * @param archive bytes from {@link Compiler#archive()}, or from a file whose checksum was verified
     */
    public CompiledModule(byte[] archive) {
        this.manager = NDManager.newBaseManager();
        try {
            this.module = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            manager.close();
            throw new UncheckedIOException("a compiled archive cannot be loaded", e);
        }
    }

    /**
     * Calls a method in inference mode.
     *
     * @param method the method's name
     * @param inputs its arguments; the results belong to the first one's manager
     */
    public NDList call(String method, NDList inputs) {
        IValue[] arguments = new IValue[inputs.size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = IValue.from((PtNDArray) inputs.get(i));
        }
        try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
            return arrays(result, (PtNDManager) inputs.get(0).getManager());
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /** Archives of Offramp's return tuples of arrays: no need to ask the engine for the type of every part, as DJL does. */
    private static NDList arrays(IValue result, PtNDManager manager) {
        IValue[] parts = result.toIValueTuple();
        NDList arrays = new NDList(parts.length);
        for (IValue part : parts) {
            arrays.add(part.toTensor(manager));
            part.close();
        }
        return arrays;
    }

    @Override
    public void close() {
        manager.close();
    }
}
