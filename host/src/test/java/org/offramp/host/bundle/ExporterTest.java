package org.offramp.host.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.host.inference.Answers;
import org.offramp.host.testing.TestBundles;

/** An exported network answers as its bundle does, in plain Python. */
class ExporterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COUNT = 12;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            convnet, width: 0.25          | max-probability, temperature: 2.5
            residual, depth: 8, width: 0.25 | temperature
            mobile, width: 0.125          | entropy
            quicknet, width: 0.05, pools: 3 | margin
            """)
    void pythonGetsTheSameExitsAndLogits(String backbone, String policy) throws Exception {
        float[][] samples = TestBundles.samples(COUNT, 9);
        Path bundle = TestBundles.train(
                folder, "{ name: " + backbone + " }", "{ name: " + policy + " }", "{ max-accuracy-drop: 0.05 }");
        TestBundles.spread(bundle, samples);
        Path file = folder.resolve("model.pt");
        try (EarlyExitModel model = EarlyExitModel.load(bundle);
                EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY);
                EarlyExitModel other = model.withThreshold(-0.25)) {
            Files.write(file, Exporter.export(model));
            Optional<String> python = python();
            if (python.isEmpty()) {
                System.err.println(
                        "SKIPPED: no python3 with torch is here, so the exported network was only tried in this JVM; Debian has python3-torch");
            }
            assumeTrue(python.isPresent(), "python3 with torch");
            JsonNode answers = run(python.orElseThrow(), file, samples);
            compare(answers.path("sealed"), model.answers(samples), model.classNames());
            compare(answers.path("filled"), other.answers(samples), model.classNames());
            compare(answers.path("never"), never.answers(samples), model.classNames());
            assertThat(Arrays.stream(model.answers(samples).exits()).distinct().count())
                    .isGreaterThan(1);
            assertThat(answers.path("refusal").asText()).contains("forward takes a batch of one");
            JsonNode thresholds = answers.path("extra").path("thresholds.json");
            assertThat(thresholds.path("policy").asText()).isEqualTo(policy.split(",", -1)[0]);
            assertThat(thresholds.path("thresholds").size()).isEqualTo(model.thresholds().length);
        }
    }

    private static void compare(JsonNode given, Answers expected, List<String> names) {
        for (int i = 0; i < COUNT; i++) {
            JsonNode one = given.path("forward").path(i);
            assertThat(one.path("exit").asInt()).isEqualTo(expected.exits()[i]);
            assertThat(given.path("exits").path(i).asInt()).isEqualTo(expected.exits()[i]);
            assertThat(one.path("class").asText()).isEqualTo(names.get(expected.predictions()[i]));
            assertThat(one.path("score").asDouble()).isCloseTo(expected.scores()[i], within(1e-5));
            double largest = 0;
            for (float logit : expected.logits().row(i)) {
                largest = Math.max(largest, Math.abs(logit));
            }
            for (int k = 0; k < names.size(); k++) {
                double wanted = expected.logits().get(i, k);
                assertThat(one.path("logits").path(k).asDouble())
                        .isCloseTo(wanted, within(1e-5 * Math.max(1, largest)));
                assertThat(given.path("logits").path(i).path(k).asDouble())
                        .isCloseTo(wanted, within(1e-5 * Math.max(1, largest)));
            }
        }
    }

    private JsonNode run(String python, Path model, float[][] samples) throws IOException, InterruptedException {
        Path input = folder.resolve("samples.json");
        Files.writeString(input, JSON.writeValueAsString(samples));
        Path script =
                Path.of("src", "test", "resources", "python", "answers.py").toAbsolutePath();
        Path errors = folder.resolve("python.err");
        Process process = new ProcessBuilder(python, script.toString(), model.toString(), input.toString(), "-0.25")
                .redirectError(errors.toFile())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return JSON.readTree(output);
    }

    private static Optional<String> python() throws InterruptedException {
        for (String candidate : List.of(System.getProperty("offramp.python", "python3"), "/usr/bin/python3")) {
            try {
                Process process = new ProcessBuilder(candidate, "-c", "import torch")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (process.waitFor() == 0) {
                    return Optional.of(candidate);
                }
            } catch (IOException e) {
                System.err.println(candidate + " cannot be started: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    @Test
    void aPolicyThatCannotBeWrittenInTorchScriptIsRefusedNamingThoseThatCan() {
        Path bundle =
                TestBundles.train(folder, "{ name: mlp, hidden: [8, 8, 8] }", "{ name: patience }", "{ threshold: 1 }");
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            assertThatThrownBy(() -> Exporter.export(model))
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("the exit policy 'patience' cannot be written in TorchScript")
                    .hasMessageContaining("max-probability, temperature, entropy, margin");
        }
    }

    @Test
    void aBundleOfFormat1WithoutConvolutionsIsExportedToo() {
        try (EarlyExitModel model = EarlyExitModel.load(TestBundles.golden().resolve("format-1"))) {
            assertThat(Exporter.export(model)).hasSizeGreaterThan(30_000);
        }
    }
}
