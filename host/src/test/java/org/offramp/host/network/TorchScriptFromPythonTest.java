package org.offramp.host.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.cli.Main;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.plugin.PluginFinder;

/** {@code docs/export_torchscript.py} run by a real Python on a torchvision model, and what it writes in Offramp. Skipped where there is no such Python. */
class TorchScriptFromPythonTest {
    private static final String EXPORT = """
            import sys, torch, torchvision
            sys.path.insert(0, sys.argv[1])
            sys.dont_write_bytecode = True
            from export_torchscript import export
            torch.manual_seed(0)
            model = torchvision.models.mobilenet_v3_small(num_classes=3)
            for m in model.modules():
                m.momentum = None  # statistics of what comes, so that activations do not fade
            model(torch.rand(32, 3, 32, 32))
            export(model, ["features.3", "features.8"], (3, 32, 32), sys.argv[2])
            x = (torch.arange(2 * 3 * 32 * 32) * 0.7).sin().reshape(2, 3, 32, 32)
            print(*model.eval()(x).flatten().tolist())
            """;

    @TempDir
    private Path folder;

    private String logits = "";

    @BeforeEach
    void export() throws IOException {
        Optional<String> python = Stream.of("python3", "/usr/bin/python3")
                .filter(each -> run(each, "-c", "import torch, torchvision").isPresent())
                .findFirst();
        assumeTrue(python.isPresent(), "no python3 with torch and torchvision: exporting from Python is NOT tested");
        Path script = Files.writeString(folder.resolve("run.py"), EXPORT);
        Path docs = Path.of("..", "docs").toAbsolutePath().normalize();
        logits = run(python.orElseThrow(), script.toString(), docs.toString(), folder.toString())
                .orElseThrow(() -> new AssertionError("the export failed"));
    }

    /** What a program prints, if it ends well. */
    private static Optional<String> run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(3, TimeUnit.MINUTES) && process.exitValue() == 0
                    ? Optional.of(printed)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private String yaml(String backbone) {
        return """
                data: { name: image-folder, path: '%s' }
                normalize: imagenet
                splits: { validation: 0.1, calibration: 0.3 }
                strategies:
                  - name: sidenets
                    backbone: %s
                    trainers: [ { name: sidenet, epochs: 2, hidden: 16 } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: [ 0.36, 0.36 ] }
                """.formatted(folder, backbone);
    }

    private Network network(String backbone, List<Integer> exits) {
        RunConfig config = RunConfigLoader.parse(
                yaml(backbone),
                "test.yaml",
                List.of(),
                PluginFinder.find(List.of(), TorchScriptFromPythonTest.class.getClassLoader()));
        return Network.assemble(
                config.strategies().get(0).backbone().create().apply(new Shape(3, 32, 32), 3), exits, 1);
    }

    private String manifest() {
        return "{ name: torchscript, manifest: '" + folder.resolve("manifest.json") + "' }";
    }

    @Test
    void theStagesAnswerAsInPythonAndTheirMacsAreThoseOfTheSameNetworkHere() {
        Engine.getInstance();
        try (Network exported = network(manifest(), List.of(1, 2));
                Network built = network("{ name: mobilenet-v3 }", List.of());
                NDManager manager = NDManager.newBaseManager()) {
            float[] given = StageRunner.opByOp(exported)
                    .runBackbone(
                            manager.arange(2 * 3 * 32 * 32f).mul(0.7f).sin().reshape(2, 3, 32, 32))
                    .toFloatArray();
            String[] words = logits.strip().split(" ", -1);
            float[] expected = new float[words.length];
            for (int i = 0; i < words.length; i++) {
                expected[i] = Float.parseFloat(words[i]);
            }
            assertThat(given).containsExactly(expected, within(0.01f));
            assertThat(exported.backboneMacs()).isEqualTo(built.backboneMacs());
        }
    }

    @Test
    void sideNetsAreTrainedOnThemAndReallyLeaveEarly() throws IOException {
        for (int i = 0; i < 60; i++) {
            BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
            image.createGraphics().fillRect(4 * (i % 3), i % 7, 12, 4 + 8 * (i % 3));
            Path file = folder.resolve((i < 45 ? "train/" : "test/") + "class" + i % 3 + "/" + (100 + i) + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml(manifest()));
        Path board = folder.resolve("board");
        assertThat(Main.run("--quiet", "leaderboard", file.toString(), "-o", board.toString(), "--no-clock"))
                .isZero();
        try (InputStream rows =
                new GZIPInputStream(Files.newInputStream(board.resolve("records/sidenets/1/samples.csv.gz")))) {
            assertThat(new String(rows.readAllBytes(), StandardCharsets.UTF_8))
                    .containsPattern("test-\\d+,\\d,[12],\\d");
        }
    }
}
