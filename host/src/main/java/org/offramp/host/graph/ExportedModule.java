package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;

/** An extended archive, loaded to be compared with what it was made from. */
public final class ExportedModule implements AutoCloseable {
    private final NDManager manager;
    private final PtSymbolBlock module;

    /**
     * Loads an archive from memory.
     *
     * @param archive bytes from {@link ArchiveExtension#archive()}
     */
    public ExportedModule(byte[] archive) {
        this.manager = NDManager.newBaseManager();
        this.module = CompiledModule.load(manager, archive);
    }

    /**
     * Calls a method that takes and returns tensors.
     *
     * @param method the method's name
     * @param input its argument; the results belong to its manager
     */
    public NDList call(String method, NDArray input) {
        try (IValue argument = IValue.from((PtNDArray) input);
                IValue result = IValueUtils.runMethod(module, method, argument)) {
            return result.toNDList((PtNDManager) input.getManager());
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
