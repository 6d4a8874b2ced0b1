package org.offramp.backbones;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One method of a TorchScript archive as a stage; of several arrays that it gives the first one counts. Has no parameters of its own: those of the archive are part of the program. The archive is loaded
 * when the block is initialised and closed with the manager that it is initialised in.
 */
final class TorchScriptBlock extends AbstractBlock {
    private static final String ENGINE = "PyTorch";
    private static final String METHOD = "module_method:";

    private final TorchScriptManifest.Part part;
    private final Shape input;
    private @Nullable Model model;
    private @Nullable NDArray method;

    TorchScriptBlock(TorchScriptManifest.Part part, Shape input) {
        this.part = part;
        this.input = input;
    }

    /**
     * Loads the archive, runs it for two samples and closes it.
     *
     * @throws IllegalArgumentException if it cannot be loaded, lacks the method, or gives another shape than declared
     */
    void check() {
        try (NDManager manager = NDManager.newBaseManager();
                Model loaded = load()) {
            NDArray samples = manager.zeros(new Shape(2).addAll(input));
            NDList given = call(loaded, named(manager), samples);
            Shape wanted = new Shape(2).addAll(part.output());
            if (given.isEmpty() || !given.get(0).getShape().equals(wanted)) {
                throw wrong(
                        "gives " + given.size() + " arrays, the first of shape "
                                + given.get(0).getShape() + " for a batch of 2; the manifest says " + wanted,
                        null);
            }
        } catch (EngineException e) {
            throw wrong("does not run for samples of shape " + input + ": " + e.getMessage(), e);
        }
    }

    private Model load() {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(part.archive()))) {
            Model loaded = Model.newInstance(part.name(), ENGINE);
            try {
                loaded.load(in, Map.of());
                return loaded;
            } catch (IOException | MalformedModelException | RuntimeException e) {
                loaded.close();
                throw e;
            }
        } catch (IOException | MalformedModelException | RuntimeException e) {
            throw wrong("cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** The engine's own way to name a method: an argument that is not passed on. */
    private NDArray named(NDManager manager) {
        NDArray name = manager.create(0f);
        name.setName(METHOD + part.method());
        return name;
    }

    private NDList call(Model loaded, NDArray name, NDArray x) {
        NDList arguments = new NDList(x);
        if (!part.method().equals("forward")) {
            arguments.add(name);
        }
        return loaded.getBlock().forward(new ParameterStore(loaded.getNDManager(), false), arguments, false);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        if (Proxy.isProxyClass(x.getClass())) {
            throw new UnsupportedOperationException(
                    "stage '" + part.name() + "' is a TorchScript archive, which runs as one call");
        }
        if (model == null || method == null) {
            throw new IllegalStateException("stage '" + part.name() + "' is not initialised");
        }
        NDList given = call(model, method, x);
        NDArray result = given.remove(0);
        given.close();
        result.attach(x.getManager());
        return new NDList(result);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Model loaded = load();
        manager.attachInternal(NDManager.nextUid(), loaded);
        model = loaded;
        method = named(manager);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0)).addAll(part.output())};
    }

    private IllegalArgumentException wrong(String what, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "manifest: stage '" + part.name() + "': " + part.archive() + ", method " + part.method() + ", " + what,
                cause);
    }
}
