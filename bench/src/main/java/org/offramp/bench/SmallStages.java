package org.offramp.bench;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.offramp.api.Backbone;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.backbones.Residual;
import org.offramp.host.graph.Compiler;
import org.offramp.host.graph.StageFunction;
import org.offramp.host.network.Network;

/** What the benchmarks run: untrained, of the sizes of real ones. */
final class SmallStages {
    private SmallStages() {}

    /** A CIFAR ResNet-20 with heads (mean over positions, linear) after its third and sixth block. */
    static Network residual() {
        Residual factory = new Residual();
        Residual.Config config = new Residual.Config(20, 1.0, Optional.empty(), 0, 32);
        Backbone backbone = factory.create(config, new Shape(3, 32, 32), 10);
        Network network = Network.assemble(backbone, List.of(3, 6), 1);
        for (int exit = 1; exit <= 2; exit++) {
            network.attach(
                    new Head(
                            exit,
                            HeadOutput.LOGITS,
                            new SequentialBlock()
                                    .add(Pool.globalAvgPool2dBlock())
                                    .add(Linear.builder().setUnits(10).build())),
                    exit);
        }
        return network;
    }

    /** An archive of functions of one activation of 16 × 8 × 8. */
    static byte[] archive(Map<String, StageFunction> functions) {
        Compiler compiler = new Compiler(Map.of(), Compiler.Form.INFERENCE);
        functions.forEach((name, function) -> compiler.add(name, function, List.of(new Shape(16, 8, 8)), true));
        return compiler.archive();
    }

    /** {@code relu(x)}. */
    static StageFunction relu() {
        return (store, inputs, training) ->
                new NDList(inputs.get(0).getNDArrayInternal().relu());
    }

    /** {@code relu(x)} and the means over positions. */
    static StageFunction reluAndMeans() {
        return (store, inputs, training) -> new NDList(
                inputs.get(0).getNDArrayInternal().relu(),
                inputs.get(0).getNDArrayInternal().globalAvgPool());
    }
}
