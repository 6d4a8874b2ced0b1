package org.offramp.host.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Backbone;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.testing.SmallNetworks;

/** TorchScript stages from elsewhere, here written by Offramp's own compiler: one archive with a method per stage. */
class TorchScriptStagesTest {
    private static final String WHOLE = """
            {"input": [1, 8, 8], "classes": 4, "stages": [
              {"name": "one", "archive": "net.pt", "method": "stage1", "output": [4, 8, 8], "macs": 2304},
              {"name": "two", "archive": "net.pt", "method": "stage2", "output": [8, 8, 8], "macs": 18432},
              {"name": "three", "archive": "net.pt", "method": "stage3", "output": [4], "macs": 36896}]}
            """;

    @TempDir
    private Path folder;

    private float[] expected = new float[0];

    @BeforeEach
    void writeArchive() throws IOException {
        Engine.getInstance();
        try (Network network = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray samples = samples(manager);
            try (CompiledStages compiled = CompiledStages.compile(network, samples)) {
                Files.write(folder.resolve("net.pt"), compiled.archive());
                expected = compiled.runBackbone(samples).toFloatArray();
            }
        }
    }

    private static NDArray samples(NDManager manager) {
        float[] values = new float[3 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * 1.3);
        }
        return manager.create(values, new Shape(3, 1, 8, 8));
    }

    private Backbone backbone(String manifest) throws IOException {
        return config(manifest).strategies().get(0).backbone().create().apply(new Shape(1, 8, 8), 4);
    }

    private RunConfig config(String manifest) throws IOException {
        Path file = Files.writeString(folder.resolve("manifest.json"), manifest);
        String yaml = """
                data: { name: glyphs }
                strategies:
                  - name: one
                    backbone: { name: torchscript, manifest: '%s' }
                    trainers: [ { name: sidenet } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: [ 0.5 ] }
                """.formatted(file);
        return RunConfigLoader.parse(
                yaml,
                "test.yaml",
                List.of(),
                PluginFinder.find(List.of(), TorchScriptStagesTest.class.getClassLoader()));
    }

    @Test
    void stagesRunAsTheyWereExportedAndCostWhatIsDeclared() throws IOException {
        try (Network network = Network.assemble(backbone(WHOLE), List.of(1), 1);
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(network.activationShape(1)).isEqualTo(new Shape(4, 8, 8));
            assertThat(network.stageMacs(1)).isEqualTo(2304);
            assertThat(network.stageMacs(2)).isEqualTo(18_432 + 36_896);
            NDArray samples = samples(manager);
            assertThat(StageRunner.opByOp(network).runBackbone(samples).toFloatArray())
                    .containsExactly(expected, within(1e-5f));
            try (CompiledStages compiled = CompiledStages.compile(network, samples)) {
                assertThat(compiled.reasons()).isEmpty();
                assertThat(compiled.describe(2)).isEqualTo("archived stages, compiled heads");
                assertThat(compiled.runBackbone(samples).toFloatArray()).containsExactly(expected, within(1e-5f));
                NDArray activation = compiled.run(1, new NDList(samples)).get(0);
                assertThat(compiled.run(2, new NDList(activation)).get(0).toFloatArray())
                        .containsExactly(expected, within(1e-5f));
            }
        }
    }

    @Test
    void everyPassLeavesNothingOpen() throws IOException {
        try (Network network = Network.assemble(backbone(WHOLE), List.of(), 1)) {
            int before = network.manager().getManagedArrays().size();
            IntStream.range(0, 3).forEach(pass -> {
                try (NDManager manager = NDManager.newBaseManager()) {
                    StageRunner.opByOp(network).runBackbone(samples(manager));
                }
            });
            assertThat(network.manager().getManagedArrays()).hasSize(before);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[8, 8, 8] | [8, 4, 4] | gives 1 arrays, the first of shape (2, 8, 8, 8) for a batch of 2; the manifest says (2, 8, 4, 4)",
                "\"stage2\" | \"stage9\" | method stage9",
                "\"net.pt\", \"method\": \"stage1\" | \"../net.pt\" | stages[0].archive: '../net.pt' is not a file beside the manifest",
                "\"classes\": 4 | \"classes\": 5 | stages[2].output: (4); the last stage gives one logit for each of the 5 classes",
                "[1, 8, 8] | [1, 9, 8] | its stages take samples of shape (1, 9, 8), the dataset's have (1, 8, 8)",
                "\"macs\": 2304 | \"macs\": -1 | stages[0].macs: -1; allowed is a number >= 0",
                "\"name\": \"two\" | \"name\": \"one\" | stages[1].name: there is a stage 'one' already",
                "\"macs\": 2304 | \"mac\": 1 | stages[0].mac: unknown; known are [archive, macs, method, name, output]",
                "\"method\": \"stage1\" | \"method\": \"a b\" | stages[0].method: 'a b' is not the name of a method",
                "{\"input\" | {\"input | cannot be read"
            })
    void aManifestThatDoesNotFitIsRefusedWithThePlace(String from, String to, String message) {
        assertThatThrownBy(() -> backbone(WHOLE.replace(from, to)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anArchiveThatIsNoneIsRefused() throws IOException {
        Files.write(folder.resolve("net.pt"), new byte[100]);
        assertThatThrownBy(() -> backbone(WHOLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stage 'one'")
                .hasMessageContaining("cannot be loaded");
    }
}
