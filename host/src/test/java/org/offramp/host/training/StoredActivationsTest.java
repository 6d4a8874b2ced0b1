package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

/** Heads on a frozen trunk learn from stored activations what they learn from computed ones. */
class StoredActivationsTest {
    private static final int EPOCHS = 3;

    private final DataSplits splits =
            DataSplits.of(new Blobs(600, 150), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);

    @TempDir
    private Path work;

    private static SequentialBlock perceptron() {
        return new SequentialBlock()
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(8).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(4).build());
    }

    /** Perceptrons at every early exit; an augmentation that changes nothing keeps activations from being stored. */
    private static ExitTrainer trainer(boolean store, int patience) {
        return session -> {
            int last = session.network().exits();
            for (int exit = 1; exit < last; exit++) {
                session.attach(new Head(exit, HeadOutput.LOGITS, perceptron()));
            }
            Phase phase = Phase.of(
                            "heads",
                            Part.heads(HeadOutput.LOGITS, 1, last - 1),
                            session.training(),
                            batch -> Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels())
                                    .add(Losses.divergence(
                                            batch.output(last, HeadOutput.LOGITS),
                                            batch.output(last - 1, HeadOutput.LOGITS))),
                            last,
                            EPOCHS,
                            32)
                    .withPatience(patience);
            session.fit(store ? phase : phase.withAugmentation((values, shape, random) -> {}));
        };
    }

    private Training.Result train(Network network, boolean store, int patience, String folder) {
        return Training.run(
                network,
                splits,
                List.of(new Training.Step("heads", trainer(store, patience), work.resolve(folder))),
                1,
                Progress.NONE,
                false);
    }

    private static Network network(List<Integer> exits) {
        return Network.assemble(SmallNetworks.backbone(), exits, 1);
    }

    private static Map<String, float[]> heads(Network network) {
        Map<String, float[]> values = new TreeMap<>();
        network.parametersByName().forEach((name, parameter) -> {
            if (name.startsWith("head")) {
                values.put(name, parameter.getArray().toFloatArray());
            }
        });
        return values;
    }

    private List<Path> files() throws IOException {
        try (var paths = Files.list(work.resolve("activations"))) {
            return paths.sorted().toList();
        }
    }

    private static void assertSame(Network one, Network other) {
        Map<String, float[]> expected = heads(one);
        heads(other)
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(expected.get(name), within(1e-4f)));
    }

    @Test
    void headsLearnTheSameAndTheTrunkIsPaidForOnce() throws IOException {
        try (Network stored = network(List.of(1, 2));
                Network computed = network(List.of(1, 2))) {
            long once = train(stored, true, EPOCHS, "a").macs();
            assertThat(files()).hasSize(6);
            long each = train(computed, false, EPOCHS, "b").macs();
            assertThat(files()).hasSize(6);
            assertSame(computed, stored);
            long trunk = stored.backboneMacs()
                    * (splits.training().size() + splits.validation().size());
            assertThat(each - once).isEqualTo(trunk * (EPOCHS - 1)).isPositive();
        }
    }

    @Test
    void aSweepOverAttachPointsReusesWhatIsThere() throws IOException {
        try (Network both = network(List.of(1, 2));
                Network second = network(List.of(2));
                Network again = network(List.of(1, 2))) {
            train(both, true, 0, "a");
            List<Path> before = files();
            assertThat(before).hasSize(3);
            for (Path file : before) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(0));
            }
            train(second, true, 0, "b");
            assertThat(files()).isEqualTo(before);
            assertThat(before.stream().filter(file -> file.toFile().lastModified() > 0))
                    .hasSize(2);
            train(again, true, 0, "c");
            assertThat(files()).isEqualTo(before);
            assertSame(both, again);
        }
    }

    @Test
    void headsThatBeginAlikeShareAFile() throws IOException {
        ExitTrainer two = session -> {
            session.attach(new Head(1, HeadOutput.LOGITS, perceptron()));
            session.attach(new Head(1, HeadOutput.DISTANCES, perceptron()));
            session.fit(Phase.of(
                    "two",
                    Set.of(new Part.OfHead(1, HeadOutput.LOGITS), new Part.OfHead(1, HeadOutput.DISTANCES)),
                    session.training(),
                    batch -> Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels())
                            .add(Losses.crossEntropy(batch.output(1, HeadOutput.DISTANCES), batch.labels())),
                    1,
                    EPOCHS,
                    32));
        };
        try (Network network = network(List.of(1))) {
            List<Training.Step> chain = List.of(new Training.Step("two", two, work.resolve("a")));
            Training.Result result = Training.run(network, splits, chain, 1, Progress.NONE, false);
            assertThat(files()).hasSize(1);
            assertThat(result.phases().get(0).keptThrough()).isEqualTo(1);
        }
    }

    @Test
    void aPhaseThatMayNotKeepComputesEveryEpoch() throws IOException {
        ExitTrainer anew = session -> {
            session.attach(new Head(1, HeadOutput.LOGITS, perceptron()));
            session.fit(Phase.of(
                            "one",
                            Part.heads(HeadOutput.LOGITS, 1, 1),
                            session.training(),
                            batch -> Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels()),
                            1,
                            EPOCHS,
                            32)
                    .withKeepFrozen(false));
        };
        try (Network network = network(List.of(1))) {
            List<Training.Step> chain = List.of(new Training.Step("one", anew, work.resolve("a")));
            PhaseRecord phase = Training.run(network, splits, chain, 1, Progress.NONE, false)
                    .phases()
                    .get(0);
            assertThat(phase.keptThrough()).isZero();
            assertThat(phase.macs())
                    .isEqualTo((network.stageMacs(1) + 3 * network.headMacs(1))
                            * EPOCHS
                            * splits.training().size());
            assertThat(work.resolve("activations")).doesNotExist();
        }
    }

    @Test
    void anotherTrunkDoesNotTakeThem() throws IOException {
        try (Network one = network(List.of(1, 2));
                Network other = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 2)) {
            train(one, true, 0, "a");
            train(other, true, 0, "b");
            assertThat(files()).hasSize(6);
        }
    }

    @Test
    void aFileThatWasChangedIsMadeAgain() throws IOException {
        try (Network one = network(List.of(1, 2));
                Network other = network(List.of(1, 2))) {
            train(one, true, 0, "a");
            for (Path file : files()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes);
            }
            train(other, true, 0, "b");
            assertThat(files()).hasSize(3);
            Map<String, float[]> expected = heads(one);
            heads(other).forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
        }
    }

    @Test
    void theFolderIsKeptSmallByDeletingWhatWasUsedLongestAgo() throws IOException {
        for (int i = 0; i < 4; i++) {
            Path file = Files.write(work.resolve("file" + i), new byte[100]);
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000L * (i == 0 ? 9 : i)));
        }
        StoredActivations.makeRoom(work, 250);
        assertThat(work.resolve("file1")).doesNotExist();
        assertThat(work.resolve("file2")).doesNotExist();
        assertThat(work.resolve("file0")).exists();
        assertThat(work.resolve("file3")).exists();
    }

    @Test
    void theBeginningOfAHeadEndsAtItsFirstParameterOrDropout() {
        Head head = new Head(1, HeadOutput.LOGITS, perceptron());
        assertThat(HeadParts.of(head).beginning()).hasSize(1);
        assertThat(HeadParts.of(head).rest()).hasSize(3);
        Head random = new Head(
                1,
                HeadOutput.LOGITS,
                new SequentialBlock()
                        .add(new SequentialBlock().add(Dropout.builder().build()))
                        .add(Linear.builder().setUnits(4).build()));
        assertThat(HeadParts.of(random).beginning()).isEmpty();
        Head single =
                new Head(1, HeadOutput.LOGITS, Linear.builder().setUnits(4).build());
        assertThat(HeadParts.of(single).beginning()).isEmpty();
        assertThat(HeadParts.of(single).rest()).hasSize(1);
        assertThat(ActivationFile.bytes(10, new Shape(64))).isEqualTo(16 + 10 * 64 * 4 + 32);
    }
}
