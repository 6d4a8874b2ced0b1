package org.offramp.host.inference;

import ai.djl.ndarray.NDManager;
import org.offramp.host.data.Batches;
import org.offramp.host.data.SampleSet;
import org.offramp.host.network.Network;

/** The same promises with compiled stages. */
class CompiledEarlyExitRunnerTest extends EarlyExitRunnerTest {
    @Override
    StageRunner stages(Network trained, SampleSet samples) {
        try (NDManager manager = NDManager.newBaseManager()) {
            CompiledStages compiled =
                    CompiledStages.compile(trained, Batches.read(manager, samples, new int[] {0, 1, 2}));
            if (!compiled.reasons().isEmpty()) {
                throw new IllegalStateException(compiled.reasons().toString());
            }
            return compiled;
        }
    }
}
