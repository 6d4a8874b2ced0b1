package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.network.NetworkPlan;

/** Compiled stages alone: methods {@code stage<n>}, {@code stage<n>_of}, {@code one} and {@code backbone} of a module. */
public final class ModuleStages implements StageRunner {
    static final String BACKBONE = "backbone";

    private final CompiledModule module;
    private final boolean oneCall;

    /**
     * Runs a module's methods.
     *
     * @param module the module; closed with these stages
     */
    public ModuleStages(CompiledModule module) {
        this.module = module;
        this.oneCall = module.has(OneCall.METHOD);
    }

    static String method(int exit) {
        return "stage" + exit;
    }

    /** The call of stage n: {@code a<n>} is the activation behind it, {@code o<n>_<output>} what its heads give. */
    public static String call(NetworkPlan plan, int exit) {
        List<String> results = new ArrayList<>(List.of("a" + exit));
        plan.outputs().get(exit - 1).forEach(output -> results.add(name(exit, output)));
        List<String> arguments = new ArrayList<>(List.of("a" + (exit - 1)));
        for (Head.Input input : plan.earlierInputs().get(exit - 1)) {
            arguments.add(name(input.exit(), input.output()));
        }
        return String.join(", ", results) + ", = (self)." + method(exit) + "(" + String.join(", ", arguments) + ", )";
    }

    /** What a head's output is called. */
    public static String name(int exit, HeadOutput output) {
        return "o" + exit + "_" + output.name().toLowerCase(Locale.ROOT);
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
    public Optional<Stopped> runOne(NDArray sample, double[] needs) {
        return oneCall ? Optional.of(module.call(OneCall.METHOD, sample, needs, Stopped::new)) : Optional.empty();
    }

    @Override
    public NDArray runBackbone(NDArray batch) {
        return module.call(BACKBONE, new NDList(batch)).get(0);
    }

    @Override
    public void close() {
        module.close();
    }
}
