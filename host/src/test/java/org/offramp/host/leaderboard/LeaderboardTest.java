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
        assertThat(output.resolve("board.html")).content().contains("max-probability", "<svg");
        assertThat(output.resolve("board.csv")).content().hasLineCount(9);
        assertThat(output.resolve("work")).doesNotExist();
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
        for (String name : List.of("max-probability", "temperature", "heads-only", "random", "oracle")) {
            Path record = Path.of("records", name, "1", "record.json");
            assertThat(killed.resolve(record)).as(name).hasSameBinaryContentAs(whole.resolve(record));
            Path samples = Path.of("records", name, "1", "samples.csv.gz");
            assertThat(killed.resolve(samples)).as(name).hasSameBinaryContentAs(whole.resolve(samples));
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
        Files.writeString(record, text.replaceFirst("\"macroF1\" : 0\\.\\d+", "\"macroF1\" : 0.999"));
        assertThatThrownBy(() -> run(config, output, true)).hasStackTraceContaining("are not those of its samples: test.macroF1 is 0.999");
    }
}
