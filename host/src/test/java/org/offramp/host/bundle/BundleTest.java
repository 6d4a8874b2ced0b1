package org.offramp.host.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.offramp.host.calibration.Goal;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.testing.TestBundles;

/** What a bundle holds, which bundles are refused and why, and that old ones still answer as they did. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BundleTest {
    private Path folder;
    private Path bundle;

    @BeforeAll
    void train(@TempDir Path directory) {
        folder = directory;
        bundle = TestBundles.train(
                directory, "{ name: mlp, hidden: [8, 8] }", "{ name: temperature }", "{ max-accuracy-drop: 0.05 }");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aBundleOfAnOlderFormatLoadsAndAnswersAsItDid(int format) throws IOException {
        List<float[]> samples = Files.readAllLines(TestBundles.golden().resolve("rows.csv")).stream()
                .map(BundleTest::row)
                .toList();
        List<String> answers = Files.readAllLines(TestBundles.golden().resolve("format-" + format + "-answers.jsonl"));
        try (EarlyExitModel model = EarlyExitModel.load(TestBundles.golden().resolve("format-" + format))) {
            List<EarlyExitModel.Prediction> given = model.predict(samples.toArray(float[][]::new));
            assertThat(given).hasSameSizeAs(answers);
            for (int i = 0; i < given.size(); i++) {
                JsonNode expected = new ObjectMapper().readTree(answers.get(i));
                assertThat(given.get(i).className())
                        .isEqualTo(expected.path("class").asText());
                assertThat(given.get(i).exit()).isEqualTo(expected.path("exit").asInt());
                assertThat(given.get(i).macs()).isEqualTo(expected.path("macs").asLong());
                assertThat((double) given.get(i).score())
                        .isCloseTo(expected.path("score").asDouble(), within(1e-5));
                assertThat(model.predict(new float[][] {samples.get(i)}).get(0).exit())
                        .isEqualTo(given.get(i).exit());
            }
            assertThat(given).extracting(EarlyExitModel.Prediction::exit).contains(1, 2, 3);
            try (EarlyExitModel cheap = model.withGoal(new Goal.MaxMacs(0.9))) {
                assertThat(cheap.thresholds()).hasSize(2);
            }
        }
    }

    private static float[] row(String line) {
        String[] cells = line.split(",", -1);
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            values[i] = Float.parseFloat(cells[i]);
        }
        return values;
    }

    @Test
    void theManifestSaysWhatTheBundleIsAndListsEveryOtherFile() throws IOException {
        BundleManifest manifest = Bundle.open(bundle).manifest();
        assertThat(manifest.format()).isEqualTo(BundleManifest.FORMAT);
        assertThat(manifest.input().shape()).containsExactly(1L, 12L, 12L);
        assertThat(manifest.output().classes()).isEqualTo(3);
        assertThat(manifest.samples()).containsOnlyKeys("train", "validation", "calibration");
        assertThat(manifest.policyPlugin()).startsWith("baselines ");
        assertThat(manifest.policyState().get("temperatures")).hasSize(2);
        assertThat(manifest.goal()).isEqualTo("max-accuracy-drop 0.05");
        assertThat(manifest.exits())
                .extracting(BundleManifest.Exit::cumulativeMacs)
                .hasSize(2)
                .doesNotHaveDuplicates();
        try (Stream<Path> files = Files.list(bundle)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals(ManifestFile.NAME)))
                    .containsExactlyInAnyOrderElementsOf(manifest.files().keySet())
                    .contains("weights.safetensors", "stages.pt", "calibration.csv.gz", "serving.properties");
        }
    }

    @Test
    void aFileThatIsCutOffChangedSwappedOrMissingIsRefusedWithTheReason() throws IOException {
        for (String name : List.of("stages.pt", "weights.safetensors", "calibration.csv.gz", "serving.properties")) {
            Path cut = TestBundles.copy(bundle, folder.resolve("cut-" + name));
            byte[] bytes = Files.readAllBytes(cut.resolve(name));
            Files.write(cut.resolve(name), Arrays.copyOf(bytes, bytes.length - 1));
            refused(cut, name + ": it has " + (bytes.length - 1) + " bytes, bundle.yaml says " + bytes.length);

            Path changed = TestBundles.copy(bundle, folder.resolve("changed-" + name));
            bytes[bytes.length / 2] ^= 1;
            Files.write(changed.resolve(name), bytes);
            refused(changed, name + ": its SHA-256 is ");

            Path missing = TestBundles.copy(bundle, folder.resolve("missing-" + name));
            Files.delete(missing.resolve(name));
            refused(missing, name + ": it is missing; bundle.yaml lists it");
        }
        Path swapped = TestBundles.copy(bundle, folder.resolve("swapped"));
        Files.copy(
                TestBundles.golden().resolve("format-1").resolve("weights.safetensors"),
                swapped.resolve("weights.safetensors"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refused(swapped, "weights.safetensors: it has ");
    }

    @Test
    void aNewerFormatIsRefusedByNameAndPartsThatDoNotFitAreNamed() throws IOException {
        edited("newer", "format: 4", "format: 5", "format 5; this Offramp reads formats 1 to 4");
        edited("no-number", "format: 4", "format: two", "this Offramp reads formats 1 to 4");
        edited("more-classes", "classes: 3", "classes: 4", "3 class names for 4 classes");
        edited("shapeless", "[1, 12, 12]", "[1, -12, 12]", "input.shape: [1, -12, 12]");
        edited("outside", "  stages.pt:", "  ../stages.pt:", "'../stages.pt' is not the name of a file in the bundle");
        edited("not-yaml", "format: 4", "format: [", "cannot be read");
        edited("unknown-key", "format: 4", "format: 4\nmagic: 1", "magic");
        edited("key-missing", "goal:", "aim:", "cannot be read");
        edited("no-policy-state", "temperatures:", "heat:", "exit policy 'temperature' cannot be made");
    }

    private void edited(String name, String from, String to, String message) throws IOException {
        Path copy = TestBundles.copy(bundle, folder.resolve(name));
        String text = Files.readString(copy.resolve(ManifestFile.NAME));
        assertThat(text).contains(from);
        Files.writeString(copy.resolve(ManifestFile.NAME), text.replace(from, to));
        refused(copy, message);
    }

    private static void refused(Path bundle, String message) {
        assertThatThrownBy(() -> EarlyExitModel.load(bundle).close())
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(bundle.toString())
                .hasMessageContaining(message);
    }

    @Test
    void onlyThePolicysPluginIsNeededAndItsAbsenceIsNamed() {
        assertThatThrownBy(() -> EarlyExitModel.load(bundle, new PluginRegistry(List.of(), List.of())))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("its exit policy 'temperature', of the plugin baselines ")
                .hasMessageContaining("add the plugin's jar to the class path or name its folder");
    }

    @Test
    void aBundleIsNeverWrittenOverAnother() throws IOException {
        byte[] before = Files.readAllBytes(bundle.resolve(ManifestFile.NAME));
        TestBundles.copy(bundle, folder.resolve("kept"));
        assertThatThrownBy(() -> TestBundles.train(
                        folder,
                        "{ name: mlp, hidden: [8, 8] }",
                        "{ name: temperature }",
                        "{ max-accuracy-drop: 0.05 }"))
                .hasMessageContaining("ended with 2");
        assertThat(Files.readAllBytes(bundle.resolve(ManifestFile.NAME))).isEqualTo(before);
    }
}
