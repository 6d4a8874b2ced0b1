package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.Compiler;
import org.offramp.host.graph.UntraceableException;
import org.offramp.host.network.Network;

/** The first stages of a network, which a phase does not train, compiled without their heads. */
final class FrozenStages implements AutoCloseable {
    private static final double TOLERANCE = 1e-5;

    private final CompiledModule module;
    private final int last;

    private FrozenStages(CompiledModule module, int last) {
        this.module = module;
        this.last = last;
    }

    /**
     * Compiles stages 1 … {@code last} and compares them with the same stages run operation by operation.
     *
     * @param network the network
     * @param last the last frozen stage
     * @param probe samples to compare with
     * @return empty where they cannot be compiled or differ
     */
    static Optional<FrozenStages> compile(Network network, int last, NDArray probe) {
        Compiler compiler = new Compiler(network.parametersByName(), Compiler.Form.INFERENCE);
        try {
            for (int exit = 1; exit <= last; exit++) {
                int stage = exit;
                compiler.add(
                        "stage" + exit,
                        (store, inputs, training) ->
                                new NDList(network.forwardStage(store, stage, inputs.get(0), false)),
                        List.of(exit == 1 ? network.inputShape() : network.activationShape(exit - 1)),
                        false);
            }
        } catch (UntraceableException e) {
            return Optional.empty();
        }
        FrozenStages frozen = new FrozenStages(new CompiledModule(compiler.archive()), last);
        if (!frozen.agrees(network, probe)) {
            frozen.close();
            return Optional.empty();
        }
        return Optional.of(frozen);
    }

    private boolean agrees(Network network, NDArray probe) {
        try (NDManager scope = probe.getManager().newSubManager()) {
            NDArray activation = probe.duplicate();
            activation.attach(scope);
            for (int exit = 1; exit <= last; exit++) {
                NDArray given = forward(exit, activation);
                activation = network.forwardStage(network.parameters(), exit, activation, false);
                float difference = activation.sub(given).abs().max().getFloat();
                if (!(difference
                        <= TOLERANCE * Math.max(1e-3, activation.abs().max().getFloat()))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The last stage that is here. */
    int last() {
        return last;
    }

    /** Runs a stage. The copy is an ordinary array: what the engine returns in inference mode may not take part in gradients. */
    NDArray forward(int exit, NDArray activation) {
        try (NDArray result =
                module.call("stage" + exit, new NDList(activation)).get(0)) {
            return result.duplicate();
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
