package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A loaded TorchScript archive that Offramp did not write and does not look into: a program of somebody else's. Thread-safe; the caller
 * has decided to trust it.
 */
public final class ForeignModule implements AutoCloseable {
    private final NDManager manager = NDManager.newBaseManager();
    private final PtSymbolBlock module;

    /**
     * Loads an archive from memory.
     *
     * @param archive its bytes
     * @throws ai.djl.engine.EngineException if the engine cannot load it
     */
    public ForeignModule(byte[] archive) {
        this.module = CompiledModule.load(manager, archive);
    }

    /**
     * Loads archives, all or none.
     *
     * @param archives their bytes, by name
     * @throws ai.djl.engine.EngineException if the engine cannot load one of them
     */
    public static Map<String, ForeignModule> load(Map<String, byte[]> archives) {
        Map<String, ForeignModule> loaded = new LinkedHashMap<>();
        try {
            archives.forEach((name, bytes) -> loaded.put(name, new ForeignModule(bytes)));
        } catch (RuntimeException e) {
            loaded.values().forEach(ForeignModule::close);
            throw e;
        }
        return loaded;
    }

    /**
     * Calls a method in inference mode.
     *
     * @param method the method's name
     * @param input its argument
     * @return what it gives, the first array of several; it belongs to the argument's manager
     * @throws ai.djl.engine.EngineException if there is no such method, or it does not run for this argument
     */
    public NDArray call(String method, NDArray input) {
        try (IValue argument = IValue.from((PtNDArray) input);
                IValue result = IValueUtils.runMethod(module, method, argument)) {
            NDList arrays = result.toNDList((PtNDManager) input.getManager());
            NDArray first = arrays.remove(0);
            arrays.close();
            return first;
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
