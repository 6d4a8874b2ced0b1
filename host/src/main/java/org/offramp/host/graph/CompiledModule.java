package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** A loaded TorchScript archive. Thread-safe; closed with its manager. */
public final class CompiledModule implements AutoCloseable {
    private final NDManager manager;
    private final PtSymbolBlock module;
    private final SortedMap<String, byte[]> extras;
    private final Map<String, NDArray> methodNames = new ConcurrentHashMap<>();

    /**
     * Loads an archive from memory.
     *
     * @param archive bytes from {@link Compiler#archive()}, or from a file
     * @throws ArchiveException if it is not an archive that Offramp wrote whole; the engine does not see it then
     */
    public CompiledModule(byte[] archive) {
        this.extras = ArchiveCheck.check(archive);
        this.manager = NDManager.newBaseManager();
        this.module = load(manager, archive);
    }

    /** Loads an archive from memory; closes the manager where that fails. */
    static PtSymbolBlock load(NDManager manager, byte[] archive) {
        try {
            return JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            manager.close();
            throw new UncheckedIOException("an archive cannot be loaded", e);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** The files that ride along, by name. */
    public SortedMap<String, byte[]> extras() {
        SortedMap<String, byte[]> copies = new TreeMap<>();
        extras.forEach((name, content) -> copies.put(name, content.clone()));
        return copies;
    }

    /**
     * Calls a method in inference mode.
     *
     * @param method the method's name
     * @param inputs its arguments; the results belong to the first one's manager
     */
    public NDList call(String method, NDList inputs) {
        return call(method, inputs, List.of());
    }

    /** Calls a method that takes lists of arrays behind its first arguments. */
    NDList call(String method, NDList inputs, List<NDList> lists) {
        IValue[] arguments = new IValue[inputs.size() + lists.size()];
        for (int i = 0; i < inputs.size(); i++) {
            arguments[i] = IValue.from((PtNDArray) inputs.get(i));
        }
        for (int i = 0; i < lists.size(); i++) {
            arguments[inputs.size() + i] = IValue.listFrom(
                    lists.get(i).stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
        }
        try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
            return arrays(result, (PtNDManager) inputs.get(0).getManager());
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /**
     * Calls a method of an array and a list of numbers, which returns a list of arrays and a list of numbers, in inference mode.
     *
     * @param method the method's name
     * @param input the array; the resulting ones belong to its manager
     * @param numbers the numbers
     * @param result puts together what comes back
     */
    public <R> R call(String method, NDArray input, double[] numbers, BiFunction<float[], NDList, R> result) {
        try (IValue array = IValue.from((PtNDArray) input);
                IValue list = IValue.listFrom(numbers);
                IValue returned = IValueUtils.runMethod(module, method, array, list)) {
            IValue[] parts = returned.toIValueTuple();
            try (IValue arrays = parts[0];
                    IValue values = parts[1]) {
                double[] doubles = values.toDoubleArray();
                float[] floats = new float[doubles.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) doubles[i];
                }
                return result.apply(floats, new NDList(arrays.toTensorArray((PtNDManager) input.getManager())));
            }
        }
    }

    /** Whether there is a method of that name. */
    public boolean has(String method) {
        return List.of(JniUtils.getMethodNames(module)).contains(method);
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

    /**
     * Calls a method so that gradients flow through it, as far as the thread collects them. The engine's own rewriting of graphs
     * is off: it gains nothing here.
     *
     * @param method the method's name
     * @param inputs its arguments; the results belong to the first one's manager
     */
    public NDList callTrained(String method, NDList inputs) {
        JniUtils.setGraphExecutorOptimize(false);
        NDList arguments = new NDList(inputs.size() + 1);
        arguments.addAll(inputs);
        arguments.add(methodNames.computeIfAbsent(method, this::nameOf));
        return IValueUtils.forward(module, arguments, true);
    }

    /** DJL takes a method's name from the name of an argument that has no other use. */
    private NDArray nameOf(String method) {
        NDArray name = manager.create(0f);
        name.setName("module_method:" + method);
        return name;
    }

    /** The module's own parameters, by name; live arrays that belong to the given manager. */
    public Map<String, NDArray> parameters(NDManager owner) {
        Map<String, NDArray> byName = new LinkedHashMap<>();
        for (NDArray array : JniUtils.moduleGetParams(module, (PtNDManager) owner)) {
            byName.put(array.getName(), array);
        }
        return byName;
    }

    /**
     * From now on the module and the Blocks have their parameters in common: what one changes the other sees.
     *
     * @param blocks the Blocks' parameters by the names of the module's, as of {@link Compiler#parameters()}
     */
    public void share(Map<String, Parameter> blocks) {
        parameters(manager).forEach((name, own) -> {
            Parameter parameter = Objects.requireNonNull(blocks.get(name));
            NDArray array = parameter.getArray();
            boolean gradient = array.hasGradient();
            array.intern(own);
            array.setRequiresGradient(gradient);
        });
    }

    @Override
    public void close() {
        manager.close();
    }
}
