package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.StrategyPlugin;
import org.offramp.host.cli.Main;

/** {@code offramp conformance} on plugin directories that are packed here from classes of the tests. */
class ConformanceCommandTest {
    @TempDir
    private Path work;

    /** A jar of the given and wrong components, with one plugin class named in its service file. */
    private Path plugin(String name, Class<? extends StrategyPlugin> type) throws IOException, URISyntaxException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Plugin-Name", name);
        attributes.putValue("Plugin-Version", "1.2.3");
        attributes.putValue("Spi-Version", StrategyPlugin.SPI_VERSION);
        Path directory = Files.createDirectories(work.resolve(name));
        Path classes = Path.of(Objects.requireNonNull(type.getProtectionDomain().getCodeSource())
                .getLocation()
                .toURI());
        try (OutputStream file = Files.newOutputStream(directory.resolve(name + ".jar"));
                JarOutputStream jar = new JarOutputStream(file, manifest);
                Stream<Path> all = Files.walk(classes)) {
            jar.putNextEntry(new JarEntry("META-INF/services/" + StrategyPlugin.class.getName()));
            jar.write(type.getName().getBytes(StandardCharsets.UTF_8));
            for (Path each : all.filter(
                            path -> String.valueOf(path.getFileName()).matches("(Given|Wrong).*\\.class"))
                    .sorted()
                    .toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(each).toString()));
                jar.write(Files.readAllBytes(each));
            }
        }
        return directory;
    }

    private static int run(Path plugin, Path report) {
        return Main.run("conformance", "--plugin", plugin.toString(), "--report", report.toString());
    }

    private static JsonNode json(Path report) throws IOException {
        return new ObjectMapper().readTree(report.resolve("conformance.json").toFile());
    }

    @Test
    void aRightPluginConformsAndItsReportIsTheSameOnEveryRun() throws Exception {
        Path directory = plugin("given", GivenPlugin.class);
        assertThat(run(directory, work.resolve("one"))).isZero();
        JsonNode report = json(work.resolve("one"));
        List<String> ids = new ArrayList<>();
        report.get("rules").forEach(rule -> {
            ids.add(rule.get("rule").asText());
            assertThat(rule.get("state").asText()).as(rule.get("rule").asText()).isEqualTo("passed");
            assertThat(rule.get("checks")).isNotEmpty();
        });
        assertThat(ids).containsExactlyElementsOf(Contract.rules().keySet());
        assertThat(report.get("version").asText()).isEqualTo("1.2.3");
        assertThat(report.get("spi").asText()).isEqualTo(StrategyPlugin.SPI_VERSION);
        assertThat(report.get("jars").get("given.jar").asText()).matches("[0-9a-f]{64}");
        assertThat(work.resolve("one/TEST-junit-jupiter.xml")).content().contains("P-01 A policy MUST");

        Path relative = Path.of("").toAbsolutePath().relativize(directory.toAbsolutePath());
        assertThat(run(relative, work.resolve("two"))).isZero();
        for (String file : List.of("conformance.json", "conformance.md")) {
            assertThat(work.resolve("two").resolve(file))
                    .hasSameBinaryContentAs(work.resolve("one").resolve(file));
        }
    }

    @Test
    void aWrongPluginDoesNotConformAndTheRuleIsNamed() throws Exception {
        assertThat(run(plugin("growing", WrongPlugins.Growing.class), work.resolve("report")))
                .isEqualTo(1);
        JsonNode report = json(work.resolve("report"));
        assertThat(report.get("passed").asBoolean()).isFalse();
        assertThat(work.resolve("report/conformance.md"))
                .content()
                .contains("| K-07 | failed |", "If this fails, check");
        List<String> states = new ArrayList<>();
        report.get("rules")
                .forEach(rule -> states.add(rule.get("rule").asText().charAt(0) + " "
                        + rule.get("state").asText()));
        assertThat(states)
                .contains("B does not apply", "T does not apply", "P passed")
                .doesNotContain("B passed");
    }

    @Test
    void aPluginThatCannotBeLoadedIsToldFromOneThatDoesNotConform() throws Exception {
        assertThat(run(plugin("another-name", GivenPlugin.class), work.resolve("report")))
                .isEqualTo(3);
        assertThat(run(work.resolve("nowhere"), work.resolve("report"))).isEqualTo(2);
        assertThat(Main.run("conformance")).isEqualTo(2);
    }

    @Test
    void fewerRulesThanTheContractListsIsAFailure() {
        RuleResults results = new RuleResults();
        Contract.rules()
                .keySet()
                .forEach(id -> results.checks().put(id, List.of(new RuleResults.Check("subject", ""))));
        Set<String> expected = Contract.rules().keySet();
        assertThat(ConformanceReport.of("given", "1", new TreeMap<>(), expected, results)
                        .passed())
                .isTrue();
        results.checks().remove("P-10");
        ConformanceReport report = ConformanceReport.of("given", "1", new TreeMap<>(), expected, results);
        assertThat(report.passed()).isFalse();
        assertThat(report.summary()).contains("1 did not run");
    }
}
