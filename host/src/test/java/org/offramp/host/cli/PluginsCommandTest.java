package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.testing.PluginJar;

/** What is said of plugins, and who a broken one is fatal for. */
class PluginsCommandTest {
    private static final String YAML = """
            data: { name: glyphs, train: 40, test: 20, size: 12, classes: 4 }
            strategies:
              - name: one
                backbone: { name: convnet, width: 0.25 }
                trainers: [ { name: joint, epochs: 1 } ]
                policy: { name: POLICY }
                calibrate: { max-accuracy-drop: 0.05 }
            """;

    @TempDir
    private Path folder;

    private Path plugins = Path.of("");

    private record Ended(int code, String out, String err) {}

    private Ended offramp(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.concat(Stream.of("--quiet", "--plugins", plugins), Stream.of(arguments))
                .map(String::valueOf)
                .toArray(String[]::new);
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
        return new Ended(code, out.toString(), err.toString());
    }

    private Ended leaderboard(String policy) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), YAML.replace("POLICY", policy));
        return offramp("leaderboard", file, "-o", folder.resolve("board-" + policy), "--no-clock");
    }

    @BeforeEach
    void aGoodPlugin() throws IOException {
        plugins = folder.resolve("plugins");
        PluginJar.withPolicy("good", "\"good-policy\"").write(plugins.resolve("good/good.jar"));
    }

    private void aBrokenPlugin() throws IOException {
        PluginJar.withPolicy("bad", "\"bad-policy\"")
                .manifest("Spi-Version", "2.0")
                .write(plugins.resolve("bad/bad.jar"));
    }

    @Test
    void aTableNamesVersionKindComponentsLocationAndState() {
        Ended list = offramp("plugins", "list");
        assertThat(list.code()).as(list.err()).isZero();
        assertThat(list.out().lines().findFirst().orElse(""))
                .matches("NAME +VERSION +KIND +COMPONENTS +LOCATION +STATE");
        assertThat(list.out().lines())
                .anyMatch(line -> line.matches("good +2\\.3 +exit policy +good-policy +\\S*good +ready"));
        assertThat(list.out().lines()).anyMatch(line -> line.startsWith("baselines ") && line.contains(" trainer "));
        assertThat(offramp("plugins", "verify").code()).isZero();
    }

    @Test
    void aBrokenPluginIsFatalForVerifyOnly() throws IOException {
        aBrokenPlugin();
        Ended list = offramp("plugins", "list");
        Ended verify = offramp("plugins", "verify");
        assertThat(list.code()).isZero();
        assertThat(verify.code()).isEqualTo(3);
        assertThat(verify.out()).isEqualTo(list.out());
        assertThat(verify.out().lines())
                .anyMatch(line -> line.matches("bad +2\\.3 +- +- +\\S*bad\\.jar +cannot be loaded"))
                .anyMatch(line -> line.matches("good .*ready"));
        assertThat(verify.out())
                .contains("bad: it was built for the SPI 2.0; this host has 1.0, another major version")
                .contains("at:   " + plugins.resolve("bad/bad.jar"))
                .contains("cure: get a release of it for the SPI 1.x");
    }

    @Test
    void whoSelectsABrokenPluginIsToldItsCause() throws IOException {
        aBrokenPlugin();
        Ended ended = leaderboard("bad-policy");
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err())
                .contains("strategies[0].policy.name: there is no exit policy 'bad-policy'")
                .contains("bad: it was built for the SPI 2.0; this host has 1.0, another major version")
                .contains(plugins.resolve("bad/bad.jar").toString());
    }

    @Test
    void aBrokenPluginDoesNotConcernWhoSelectsAnother() throws IOException {
        aBrokenPlugin();
        Ended ended = leaderboard("good-policy");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(Files.readString(folder.resolve("board-good-policy/records/one/1/record.json")))
                .contains("good-policy");
    }

    @Test
    void aNameThatNobodyBringsIsAMistakeInTheConfiguration() throws IOException {
        Ended ended = leaderboard("good-polcy");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("did you mean 'good-policy'?").doesNotContain("cannot be loaded");
    }

    private static PluginJar withCreate(String name, String body) {
        return PluginJar.of(
                        name,
                        "public java.util.List<org.offramp.api.ExitPolicyFactory<?>> exitPolicies() {"
                                + " return java.util.List.of(new Policy()); }")
                .source("""
                        package zoo;
                        import org.offramp.api.*;
                        public final class Policy implements ExitPolicyFactory<Policy.Config> {
                            public record Config() {}
                            public String name() { return "PLUGIN-policy"; }
                            public Class<Config> configType() { return Config.class; }
                            public ExitPolicy create(Config config, PolicyState state) { BODY }
                        }
                        """.replace("PLUGIN", name).replace("BODY", body));
    }

    @Test
    void aBugInAPluginIsToldWithThePluginsName() throws IOException {
        withCreate("buggy", "throw new IllegalStateException(\"half done\");")
                .write(plugins.resolve("buggy/buggy.jar"));
        Ended ended = leaderboard("buggy-policy");
        assertThat(ended.code()).isEqualTo(70);
        assertThat(ended.err()).contains("a bug in the plugin 'buggy'").contains("half done");
    }

    @Test
    void aClassThatIsMissedOnlyInUseIsToldWithThePluginsName() throws IOException {
        withCreate("late", "return Needed.policy();")
                .source("package zoo; class Needed { static org.offramp.api.ExitPolicy policy() { return null; } }")
                .without("zoo/Needed.class")
                .write(plugins.resolve("late/late.jar"));
        Ended ended = leaderboard("late-policy");
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err())
                .contains("late: it needs the class zoo.Needed, which none of its jars has")
                .contains("put the library's jar into the plugin's directory");
    }
}
