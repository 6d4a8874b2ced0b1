package org.offramp.host.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.FileSource;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.training.Progress;

/** The whole way on real data where it is there, on glyphs otherwise. */
class LeaderboardTest {
    private static final PluginRegistry REGISTRY = PluginFinder.find(List.of(), LeaderboardTest.class.getClassLoader());

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        // The engine comes first: its native library is not there before.
        Engine.getInstance();
        JniUtils.setNumThreads(1);
    }

    private static RunConfig config() {
        Path digits = Path.of(System.getProperty("offramp.shared.data", "none")).resolve("optdigits");
        String data = Files.isDirectory(digits)
                ? "{ name: digits, train: 1500, path: '" + digits.normalize() + "' }"
                : "{ name: glyphs, train: 1500, test: 600, difficulty: 0.1 }";
        return RunConfigLoader.parse("data: " + data + """

                        execution: { threads: 1, batch: 50 }
                        splits: { calibration: 0.25 }
                        robustness: { perturbations: [ { kind: noise, strengths: [0.5, 1.5] }, { kind: occlusion, strengths: [0.4] } ] }
                        defaults:
                          backbone: { name: convnet, channels: [8, 16, 24] }
                          trainers: [ { name: joint, epochs: 10, batch-size: 32, patience: 4 } ]
                          calibrate: { max-accuracy-drop: 0.02 }
                        strategies:
                          - { name: max-probability, policy: { name: max-probability } }
                          - { name: temperature, policy: { name: temperature }, calibrate: { max-macs: 0.6, search: per-exit } }
                          - { name: patience, policy: { name: patience } }
                          - name: heads-only
                            trainers: [ { name: backbone, epochs: 2 }, { name: heads-only, epochs: 2 } ]
                            policy: { name: entropy }
                          - { name: full, control: { name: full } }
                          - { name: static-1, control: { name: static, exit: 1 } }
                          - { name: random, control: { name: random, like: max-probability } }
                          - { name: oracle, control: { name: oracle } }
                        """, "test", List.of(), REGISTRY);
    }

    private static List<BoardRow> run(RunConfig config, Path output, boolean resume) {
        return new Leaderboard(config, output, new TreeMap<>(), Progress.NONE, false)
                .run(new FileSource(output, false), resume);
    }

    private static RunRecord record(List<BoardRow> rows, String name) {
        RunRecord record = rows.stream()
                .filter(row -> row.strategy().equals(name))
                .findFirst()
                .orElseThrow()
                .record();
        if (record == null) {
            throw new AssertionError(name + " failed: " + rows);
        }
        return record;
    }

    @Test
    void strategiesAreTrainedCalibratedReallyExitedAndRanked() throws IOException {
        Path output = folder.resolve("board");
        List<BoardRow> rows = run(config(), output, false);
        assertThat(rows).allMatch(BoardRow::finished);
        RunRecord best = record(rows, "max-probability");
        assertThat(best.test().accuracy()).isGreaterThan(0.6);
        assertThat(best.test().macsFraction()).isLessThan(1);
        assertThat(Arrays.stream(best.test().exitRates()).sum()).isBetween(1 - 1e-9, 1 + 1e-9);
        assertThat(best.checks().liveEqualsSimulated() + best.checks().borderline())
                .isEqualTo(best.sizes().get("test"));
        RunRecord oracle = record(rows, "oracle");
        assertThat(oracle.ranked()).isFalse();
        for (BoardRow row : rows) {
            assertThat(record(rows, row.strategy()).test().accuracy())
                    .isLessThanOrEqualTo(
                            row.strategy().equals("heads-only")
                                    ? 1
                                    : oracle.test().accuracy());
        }
        assertThat(record(rows, "full").test().exitRates()[2])
                .isEqualTo(1, org.assertj.core.api.Assertions.within(1e-9));
        assertThat(record(rows, "random").test().accuracy())
                .isLessThanOrEqualTo(best.test().accuracy());
        assertThat(output.resolve("board.html"))
                .content()
                .contains("max-probability", "<svg", "Reliability and risk", "strength of noise")
                .doesNotContain("http", "NaN");
        assertThat(output.resolve("board.csv")).content().hasLineCount(9).contains("confident_error_rate");
        assertThat(output.resolve("exits.csv")).content().hasLineCount(1 + 8 * 3 * 2);
        assertThat(output.resolve("robustness.csv")).content().hasLineCount(1 + 8 * 3);
        assertThat(output.resolve("board.md"))
                .content()
                .contains("## Confidence", "## Robustness", "significantly better than");
        assertThat(Files.readAllBytes(output.resolve("board.png"))).startsWith(0x89, 'P', 'N', 'G');
        compared(output);
        perturbed(best);
        assertThat(output.resolve("work")).doesNotExist();
    }

    /** The last exit of the network is far better than its first, on the same samples. */
    private static void compared(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output.resolve("comparisons.csv"));
        assertThat(lines.get(0)).startsWith("measure,first,second,seeds,samples,first_value");
        assertThat(lines).anyMatch(line -> line.startsWith("accuracy,static-1,full,1,") && line.contains(",true,"));
        assertThat(lines).filteredOn(line -> line.startsWith("area,")).hasSize(4 * 3 / 2);
        assertThat(lines).anyMatch(line -> line.startsWith("confident-error rate under noise 1.5,"));
        assertThat(lines).anyMatch(line -> line.startsWith("AUROC of the score at exit 1,"));
        assertThat(lines).noneMatch(line -> line.contains("oracle"));
    }

    private static void perturbed(RunRecord record) {
        assertThat(record.robustness())
                .extracting(RunRecord.Robustness::strength)
                .containsExactly(0.5, 1.5, 0.4);
        assertThat(record.robustness().get(1).accuracy())
                .isLessThan(record.robustness().get(0).accuracy())
                .isLessThan(record.test().accuracy());
        double samples = record.test().answered().samples();
        for (int exit = 0; exit < record.test().exitRates().length; exit++) {
            assertThat(record.test().exits().get(exit).left().samples() / samples)
                    .isEqualTo(record.test().exitRates()[exit], org.assertj.core.api.Assertions.within(1e-9));
        }
    }

    @Test
    void aPerturbationThatDoesNotSuitTheSamplesIsRefusedBeforeAnythingIsWritten() {
        Path output = folder.resolve("unsuited");
        RunConfig config = RunConfigLoader.parse("""
                data: { name: glyphs, train: 100, test: 40 }
                robustness: { perturbations: [ { kind: jitter, strengths: [0.5] } ] }
                strategies:
                  - name: one
                    backbone: { name: convnet }
                    trainers: [ { name: joint, epochs: 1 } ]
                    policy: { name: margin }
                    calibrate: { threshold: 0.5 }
                """, "test", List.of(), REGISTRY);
        assertThatThrownBy(() -> run(config, output, false))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "test:2: robustness.perturbations[0].kind: jitter is for series (channels, time)");
        assertThat(output).doesNotExist();
    }

    @Test
    void whereMacsAndTheClockDisagreeTheBoardSaysSo() {
        List<BoardRow> rows = run(config(), folder.resolve("clock"), false);
        RunRecord full = record(rows, "full");
        RunRecord early = record(rows, "static-1");
        List<BoardLine> agree = BoardWriter.order(List.of(row(full, 100, 100), row(early, 100, 50)));
        assertThat(ClockOrder.sentences(agree)).first().asString().contains("none takes clearly longer");
        List<BoardLine> disagree = BoardWriter.order(List.of(row(full, 100, 100), row(early, 100, 150)));
        assertThat(ClockOrder.sentences(disagree))
                .first()
                .asString()
                .contains("disagree on the order of 1 of 1 pairs", "static-1 (")
                .contains("slower than it: static-1");
    }

    private static BoardRow row(RunRecord record, double full, double early) {
        return BoardRow.of(record, new Timings(1, full, early, full, early, "compiled"));
    }

    @Test
    void theSameRunTwiceGivesTheSameBytesAndARunThatWasKilledResumesToThem() throws IOException {
        Path whole = folder.resolve("whole");
        run(config(), whole, false);
        Path killed = folder.resolve("killed");
        RunConfig config = config();
        Progress dies = new Progress() {
            private int steps;

            @Override
            public Task begin(String name, long count) {
                return new Task() {
                    @Override
                    public void step(String message) {
                        if (++steps == 90) {
                            throw new IllegalStateException("killed");
                        }
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            public void say(String line) {}
        };
        assertThatThrownBy(() -> new Leaderboard(config, killed, new TreeMap<>(), dies, false)
                        .run(new FileSource(killed, false), false))
                .hasMessage("killed");
        assertThat(killed.resolve("work")).isDirectoryContaining(path -> hasEpoch(path));
        run(config, killed, true);
        assertThat(killed.resolve("comparisons.csv")).hasSameBinaryContentAs(whole.resolve("comparisons.csv"));
        for (String name : List.of("max-probability", "temperature", "heads-only", "random", "oracle")) {
            Path record = Path.of("records", name, "1", "record.json");
            assertThat(killed.resolve(record)).as(name).hasSameBinaryContentAs(whole.resolve(record));
            for (String file : List.of("samples.csv.gz", "trace.csv.gz", "robustness.csv.gz")) {
                Path samples = Path.of("records", name, "1", file);
                assertThat(killed.resolve(samples)).as(name).hasSameBinaryContentAs(whole.resolve(samples));
            }
        }
    }

    private static boolean hasEpoch(Path directory) {
        try (var files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("epoch-"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aFolderThatHoldsAnotherRunIsNotTouched() throws IOException {
        Path output = folder.resolve("other");
        Files.createDirectories(output);
        Files.writeString(output.resolve("run.json"), "{}");
        assertThatThrownBy(() -> run(config(), output, false))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the folder holds another run");
        assertThat(output).isDirectoryNotContaining("glob:**board*");
    }

    @Test
    void aRecordThatDoesNotAgreeWithItsSamplesIsRefused() throws IOException {
        Path output = folder.resolve("tampered");
        RunConfig config = config();
        run(config, output, false);
        Path record = output.resolve("records/full/1/record.json");
        String text = Files.readString(record);
        Files.writeString(record, text.replaceFirst("\"kappa\" : 0\\.\\d+", "\"kappa\" : 0.999"));
        assertThatThrownBy(() -> run(config, output, true))
                .hasStackTraceContaining("are not those of its samples: test.kappa is 0.999");
        Files.writeString(record, text.replaceFirst("(\"strength\" : 0\\.)5", "$17"));
        assertThatThrownBy(() -> run(config, output, true))
                .hasStackTraceContaining("robustness.0.strength is 0.7, they give 0.5");
    }
}
