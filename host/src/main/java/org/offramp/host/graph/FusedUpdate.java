package org.offramp.host.graph;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One step of an optimiser over many parameters as one call of the engine's fused kernel, which writes in place. */
public final class FusedUpdate implements AutoCloseable {
    private static final String METHOD = "update";
    private static final int RATE = 0;
    private static final int STEP = 1;
    private static final int NUMBERS = 2;
    private static final int GRADIENTS = 3;

    private final CompiledModule module;

    private FusedUpdate(String function, int lists, List<Argument> others) {
        List<Argument> arguments = new ArrayList<>();
        for (int list = 0; list < lists; list++) {
            arguments.add(new Argument.Value(NUMBERS + list));
        }
        arguments.addAll(others);
        Operation update = operation(function, arguments, NUMBERS + lists);
        Operation zero = operation("torch._foreach_zero_", List.of(new Argument.Value(GRADIENTS)), NUMBERS + lists + 1);
        Archive archive = new Archive();
        archive.update(METHOD, NUMBERS, lists, List.of(update, zero));
        module = new CompiledModule(archive.bytes());
    }

    private static Operation operation(String function, List<Argument> arguments, int result) {
        return new Operation(function, arguments, result, new Shape(), DataType.FLOAT32);
    }

    /**
     * Adam (Kingma and Ba 2015, algorithm 1), the decay added to the gradient: two moments for each parameter.
     *
     * @param parameters how many parameters there are
     * @param beta1 the decay rate of the first moment
     * @param beta2 the decay rate of the second moment
     * @param epsilon what is added to the root of the second moment
     * @param weightDecay the L2 weight decay
     */
    public static FusedUpdate adam(int parameters, double beta1, double beta2, double epsilon, double weightDecay) {
        return new FusedUpdate(
                "torch._fused_adam_",
                4,
                List.of(
                        new Argument.Values(List.of()),
                        new Argument.Values(Collections.nCopies(parameters, STEP)),
                        named("lr", new Argument.Value(RATE)),
                        named("beta1", beta1),
                        named("beta2", beta2),
                        named("weight_decay", weightDecay),
                        named("eps", epsilon),
                        named("amsgrad", false),
                        named("maximize", false)));
    }

    /**
     * Gradient descent with momentum, the decay added to the gradient: m ← μ m + g, w ← w − rate · m. One moment for each parameter, none
     * without momentum.
     *
     * @param momentum the momentum μ
     * @param weightDecay the L2 weight decay
     */
    public static FusedUpdate sgd(double momentum, double weightDecay) {
        boolean moments = momentum > 0;
        List<Argument> others = new ArrayList<>();
        if (!moments) {
            others.add(new Argument.Values(List.of()));
        }
        others.add(named("weight_decay", weightDecay));
        others.add(named("momentum", momentum));
        others.add(named("lr", new Argument.Value(RATE)));
        others.add(named("dampening", 0.0));
        others.add(named("nesterov", false));
        others.add(named("maximize", false));
        others.add(named("is_first_step", false));
        return new FusedUpdate("torch._fused_sgd_", moments ? 3 : 2, others);
    }

    private static Argument named(String name, Object value) {
        return new Argument.Named(name, Argument.of(value));
    }

    /**
     * Updates the parameters and their moments, and sets the gradients to zero.
     *
     * @param rate the learning rate
     * @param step how many steps this one makes, from 1
     * @param lists the parameters, their gradients, and their moments, the first ones first
     */
    public void apply(double rate, long step, List<NDList> lists) {
        try (NDManager scope = lists.get(0).getManager().newSubManager()) {
            module.call(METHOD, new NDList(scope.create(rate), scope.create((float) step)), lists);
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
