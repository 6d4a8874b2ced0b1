package org.offramp.host.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;
import org.offramp.host.bundle.EarlyExitModel.Prediction;
import org.offramp.host.cli.Main;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.SampleStream;
import org.offramp.host.network.Network;
import org.offramp.host.testing.TestBundles;

/** SideNets on TorchScript from elsewhere, here written by Offramp's own compiler, become a bundle that carries the archive. */
class ArchivedBundleTest {
    private static final int CLASSES = 4;

    @TempDir
    private static Path folder;

    private static Path bundle = Path.of("");
    private static float[][] samples = new float[0][];
    private static float[] logits = new float[0];

    @BeforeAll
    static void train() throws IOException {
        Engine.getInstance();
        SplittableRandom random = new SplittableRandom(5);
        samples = IntStream.range(0, 40)
                .mapToObj(n -> {
                    float[] sample = new float[144];
                    IntStream.range(0, 144).forEach(i -> sample[i] = random.nextInt(16 + 6 * n) / 255f);
                    return sample;
                })
                .toArray(float[][]::new);
        try (Network network = Network.assemble(elsewhere(), List.of(1, 2), 1);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray batch = manager.create(samples).reshape(new Shape(40, 1, 12, 12));
            try (CompiledStages compiled = CompiledStages.compile(network, batch)) {
                Files.write(folder.resolve("net.pt"), compiled.archive());
                logits = compiled.runBackbone(batch).toFloatArray();
            }
        }
        Files.writeString(folder.resolve("manifest.json"), """
                {"input": [1, 12, 12], "classes": 4, "stages": [
                  {"name": "one", "archive": "net.pt", "method": "stage1", "output": [4, 12, 12], "macs": 5184},
                  {"name": "two", "archive": "net.pt", "method": "stage2", "output": [8, 12, 12], "macs": 41472},
                  {"name": "three", "archive": "net.pt", "method": "stage3", "output": [4], "macs": 4608}]}
                """);
        Path file = Files.writeString(folder.resolve("run.yaml"), """
                data: { name: glyphs, train: 300, test: 40, size: 12, classes: 4 }
                normalize: none
                strategies:
                  - name: small
                    backbone: { name: torchscript, manifest: '%s' }
                    trainers: [ { name: sidenet, epochs: 2, pool: 2x2 } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: 0.5 }
                """.formatted(folder.resolve("manifest.json")));
        bundle = folder.resolve("bundle");
        assertThat(Main.run("--quiet", "train", file.toString(), "-o", bundle.toString()))
                .isLessThan(2);
        Files.delete(folder.resolve("net.pt"));
        System.setProperty(EarlyExitModel.TRUST, "true");
        TestBundles.spread(bundle, samples);
    }

    private static Backbone elsewhere() {
        return Backbone.of(
                new Shape(1, 12, 12),
                CLASSES,
                List.of(
                        new Stage("one", convolution(4)),
                        new Stage("two", convolution(8)),
                        new Stage(
                                "three",
                                new SequentialBlock()
                                        .add(Blocks.batchFlattenBlock())
                                        .add(Linear.builder().setUnits(CLASSES).build()))));
    }

    private static Block convolution(int filters) {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setFilters(filters)
                        .setKernelShape(new Shape(3, 3))
                        .optPadding(new Shape(1, 1))
                        .build())
                .add(Activation.reluBlock());
    }

    @AfterAll
    static void forget() {
        System.clearProperty(EarlyExitModel.TRUST);
    }

    @Test
    void itAnswersAsTheArchiveDoesWhereNobodyLeaves() {
        try (EarlyExitModel model = EarlyExitModel.load(bundle);
                EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY)) {
            List<Prediction> whole = never.predict(samples);
            for (int i = 0; i < samples.length; i++) {
                Prediction prediction = whole.get(i);
                assertThat(prediction.exit()).isEqualTo(3);
                int best = prediction.index();
                for (int k = 0; k < CLASSES; k++) {
                    assertThat(logits[i * CLASSES + best]).isGreaterThanOrEqualTo(logits[i * CLASSES + k]);
                }
            }
            assertThat(model.backboneMacs()).isEqualTo(5184 + 41_472 + 4608);
        }
    }

    @Test
    void aBatchAnswersAsItsSamplesAloneAndReallyLeaves() {
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            List<Prediction> together = model.predict(samples);
            assertThat(together).extracting(Prediction::exit).contains(1, 3);
            for (int i = 0; i < samples.length; i++) {
                Prediction alone = model.predict(samples[i]).get(0);
                assertThat(together.get(i).exit()).isEqualTo(alone.exit());
                assertThat(together.get(i).index()).isEqualTo(alone.index());
                assertThat(together.get(i).macs()).isEqualTo(alone.macs());
            }
        }
    }

    @Test
    void aStreamAnswersAsTheBatchAndOutlivesItsModel() throws Exception {
        EarlyExitModel model = EarlyExitModel.load(bundle);
        List<Prediction> together = model.predict(samples);
        try (EarlyExitStream stream = model.stream(SampleStream.Settings.DEFAULT)) {
            model.close();
            List<CompletableFuture<Prediction>> answers = new ArrayList<>();
            for (float[] sample : samples) {
                answers.add(stream.submit(sample));
            }
            for (int i = 0; i < samples.length; i++) {
                Prediction answer = answers.get(i).get();
                assertThat(answer.exit()).isEqualTo(together.get(i).exit());
                assertThat(answer.index()).isEqualTo(together.get(i).index());
            }
        }
    }

    @Test
    void whoDoesNotTrustItIsToldWhatToSay() {
        System.clearProperty(EarlyExitModel.TRUST);
        try {
            assertThatThrownBy(() -> EarlyExitModel.load(bundle))
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("TorchScript from elsewhere (backbone-1.pt)")
                    .hasMessageContaining("offramp.trust-torchscript=true");
        } finally {
            System.setProperty(EarlyExitModel.TRUST, "true");
        }
    }

    @Test
    void anArchiveThatWasChangedOrIsNotListedIsRefused() throws IOException {
        Path changed = TestBundles.copy(bundle, folder.resolve("changed"));
        Path archive = changed.resolve("backbone-1.pt");
        byte[] bytes = Files.readAllBytes(archive);
        bytes[bytes.length / 2] ^= 1;
        Files.write(archive, bytes);
        assertThatThrownBy(() -> EarlyExitModel.load(changed))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("backbone-1.pt: its SHA-256 is ");

        Path other = TestBundles.copy(bundle, folder.resolve("other"));
        Path manifest = other.resolve(ManifestFile.NAME);
        Files.writeString(
                manifest, Files.readString(manifest).replace("file: backbone-1.pt", "file: ../backbone-1.pt"));
        assertThatThrownBy(() -> EarlyExitModel.load(other))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("the archive '../backbone-1.pt' is not among files");
    }

    @Test
    void itCannotBeExportedAgain() {
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            assertThatThrownBy(() -> Exporter.export(model))
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("TorchScript from elsewhere already");
        }
    }
}
