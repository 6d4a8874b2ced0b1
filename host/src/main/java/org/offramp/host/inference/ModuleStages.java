package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.offramp.host.graph.CompiledModule;

/** Compiled stages alone: methods {@code stage<n>}, {@code stage<n>_of} and {@code backbone} of a module. */
public final class ModuleStages implements StageRunner {
    static final String BACKBONE = "backbone";

    private final CompiledModule module;

    /**
     * Runs a module's methods.
     *
     * @param module the module
     */
    public ModuleStages(CompiledModule module) {
        this.module = module;
    }

    static String method(int exit) {
        return "stage" + exit;
    }

    @Override
    public NDList run(int exit, NDList inputs) {
        return module.call(method(exit), inputs);
    }

    @Override
    public NDList runRows(int exit, NDArray rows, NDList inputs) {
        if (exit == 1) {
            return StageRunner.super.runRows(exit, rows, inputs);
        }
        NDList arguments = new NDList(inputs.size() + 1);
        rows.attach(inputs.get(0).getManager());
        arguments.add(rows);
        arguments.addAll(inputs);
        return module.call(method(exit) + "_of", arguments);
    }

    @Override
    public NDArray runBackbone(NDArray batch) {
        return module.call(BACKBONE, new NDList(batch)).get(0);
    }
}
