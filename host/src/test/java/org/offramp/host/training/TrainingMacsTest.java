package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.SmallNetworks;

/**
 * The MACs of training: forward 1, backward 2 where a part is trained, 1 where a gradient only passes through it, 0 below the first
 * trained part; what the loss does not look at costs nothing.
 */
class TrainingMacsTest {
    private static final int SAMPLES = 60;
    private static final int EPOCHS = 2;

    private final DataSplits splits =
            DataSplits.of(new Blobs(SAMPLES, 12), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);

    @TempDir
    private Path work;

    @BeforeAll
    static void engine() {
        ai.djl.engine.Engine.getInstance();
    }

    /** MACs a sample and epoch of one phase. */
    private long macs(Network network, Set<Part> trainable, int throughExit, ExitLoss loss) {
        ExitTrainer trainer = session -> {
            session.attachClassifiers();
            session.fit(Phase.of("one", trainable, session.training(), loss, throughExit, EPOCHS, 16));
        };
        Training.Result result = Training.run(
                network,
                splits,
                List.of(new Training.Step("one", trainer, work.resolve(trainable.toString()))),
                1,
                Progress.NONE,
                false);
        long all = result.macs();
        long passes = (long) EPOCHS * splits.training().size();
        assertThat(all % passes).isZero();
        return all / passes;
    }

    private static NDArray crossEntropy(ExitLoss.Batch batch, int exit) {
        return Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels());
    }

    private static Network network() {
        Network network = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
        for (int exit = 1; exit < 3; exit++) {
            network.attach(
                    new Head(
                            exit,
                            HeadOutput.LOGITS,
                            new SequentialBlock()
                                    .add(Blocks.batchFlattenBlock())
                                    .add(Linear.builder().setUnits(4).build())),
                    exit);
        }
        return network;
    }

    @Test
    void aTrainedPartCostsThreeForwardPasses() {
        try (Network network = network()) {
            assertThat(macs(network, Part.stages(1, 3), 3, batch -> crossEntropy(batch, 3)))
                    .isEqualTo(3 * network.backboneMacs());
        }
    }

    @Test
    void frozenPartsBelowTheFirstTrainedOneCostOneForwardPassInAllSinceTheirOutputsAreKept() {
        try (Network network = network()) {
            assertThat(macs(network, Part.heads(HeadOutput.LOGITS, 2, 2), 2, batch -> crossEntropy(batch, 2)))
                    .isEqualTo((network.stageMacs(1) + network.stageMacs(2)) / EPOCHS + 3 * network.headMacs(2));
        }
    }

    @Test
    void throughAFrozenPartAboveATrainedOneTheGradientPasses() {
        try (Network network = network()) {
            assertThat(macs(network, Part.stages(1, 1), 2, batch -> crossEntropy(batch, 2)))
                    .isEqualTo(3 * network.stageMacs(1) + 2 * network.stageMacs(2) + 2 * network.headMacs(2));
        }
    }
}
