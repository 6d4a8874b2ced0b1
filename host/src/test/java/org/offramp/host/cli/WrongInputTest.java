package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong input ends with exit code 2 and one message of file, line, path and value; nothing is written. */
class WrongInputTest {
    private static final String GLYPHS = """
            data:
              name: glyphs
              train: 60
              test: 40
              size: 12
              classes: 4
            strategies:
              - name: one
                backbone: { name: convnet, width: 0.25 }
                trainers: [ { name: joint, epochs: 1 } ]
                policy: { name: margin }
                calibrate: { threshold: 0.5 }
            """;
    private static final String IDX =
            GLYPHS.replaceAll("(?s)name: glyphs.*?strategies", "name: idx\n  path: idx\nstrategies");

    @TempDir
    private Path folder;

    @BeforeEach
    void images() throws IOException {
        Files.createDirectories(folder.resolve("idx"));
        byte[] labels = new byte[40];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (i % 3);
        }
        idx("train-images-idx3-ubyte.gz", 0x803, 40, new byte[40 * 64]);
        idx("train-labels-idx1-ubyte.gz", 0x801, 40, labels);
        idx("t10k-images-idx3-ubyte.gz", 0x803, 40, new byte[40 * 64]);
        idx("t10k-labels-idx1-ubyte.gz", 0x801, 40, labels);
    }

    private void idx(String name, int magic, int count, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
            out.writeInt(magic);
            out.writeInt(count);
            if (magic == 0x803) {
                out.writeInt(8);
                out.writeInt(8);
            }
            out.write(body);
        }
        Files.write(folder.resolve("idx").resolve(name), bytes.toByteArray());
    }

    /** Runs a leaderboard that must end with 2 and leave nothing; gives its message without the path of the folder. */
    private String refused(String yaml, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml);
        Path output = folder.resolve("out");
        StringWriter err = new StringWriter();
        String[] all = Stream.concat(
                        Stream.of("--quiet", "leaderboard", file.toString(), "-o", output.toString()),
                        Arrays.stream(arguments))
                .toArray(String[]::new);
        int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), all);
        assertThat(code).as(err.toString()).isEqualTo(2);
        assertThat(output).doesNotExist();
        assertThat(err.toString()).doesNotContain("\tat ");
        return err.toString().replace(folder + "/", "");
    }

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of(
                        "an unknown key",
                        GLYPHS.replace("size: 12", "sise: 12"),
                        "run.yaml:5: data.sise: unknown key 'sise'; allowed: classes, difficulty, name, noise, seed, size,"
                                + " test, train; did you mean 'size'?"),
                Arguments.of(
                        "a wrong type",
                        GLYPHS.replace("train: 60", "train: many"),
                        "run.yaml:3: data.train: 'many' is not a whole number"),
                Arguments.of(
                        "out of range",
                        GLYPHS.replace("epochs: 1", "epochs: 0"),
                        "run.yaml:10: strategies[0].trainers[0].epochs: 0 is out of range; allowed: 1 to"),
                Arguments.of(
                        "more exits than stages",
                        GLYPHS.replace("width: 0.25", "width: 0.25, exits: [1, 9]"),
                        "run.yaml:9: strategies[0].backbone.exits: [1, 9]; the backbone has 3 stages, an early exit can be"
                                + " placed after stage 1 to 2"),
                Arguments.of(
                        "a threshold list of the wrong length",
                        GLYPHS.replace("threshold: 0.5", "threshold: [0.1, 0.2, 0.3]"),
                        "run.yaml:12: strategies[0].calibrate.threshold: 3 thresholds for 2 early exits; give one, or one"
                                + " each"),
                Arguments.of(
                        "an unknown policy",
                        GLYPHS.replace("name: margin", "name: margni"),
                        "run.yaml:11: strategies[0].policy.name: there is no exit policy 'margni'; allowed: "),
                Arguments.of(
                        "a control like no strategy",
                        GLYPHS
                                + "  - { name: two, backbone: { name: convnet }, trainers: [], control: { name: random, like: on } }\n",
                        "run.yaml:13: control.like: there is no strategy 'on'; allowed: one, two; did you mean 'one'?"),
                Arguments.of(
                        "two strategies of one name",
                        GLYPHS + "  - { name: one, control: { name: full } }\n",
                        "run.yaml:13: strategies[1].name: there are two strategies of the name 'one'"),
                Arguments.of(
                        "a missing file",
                        IDX.replace("path: idx", "path: nowhere"),
                        "run.yaml:3: data.path: there is no folder nowhere"),
                Arguments.of(
                        "an empty split",
                        GLYPHS + "splits: { calibration: 0.001 }\n",
                        "run.yaml:2: data: the calibration split is empty: 60 samples divided with splits.validation 0.1"
                                + " and splits.calibration 0.001"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keys")
    void ofTheFileIsNamedByPlaceAndValue(String what, String yaml, String message) throws IOException {
        assertThat(refused(yaml)).as(what).contains(message);
    }

    @Test
    void whatIsGivenOnTheCommandLineIsNamedSo() throws IOException {
        assertThat(refused(GLYPHS, "--set", "strategies[0].backbone.exits=[7]"))
                .contains(
                        "--set strategies[0].backbone.exits: strategies[0].backbone.exits: [7]; the backbone has 3 stages");
        assertThat(refused(GLYPHS, "--set", "strategies[0].calibrate={max-macs: 2, threshold: 1}"))
                .contains("--set strategies[0].calibrate: strategies[0].calibrate: 2 goals; give exactly one of");
    }

    @Test
    void aTruncatedFileIsNamed() throws IOException {
        Path images = folder.resolve("idx/train-images-idx3-ubyte.gz");
        Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 20));
        assertThat(refused(IDX))
                .contains("run.yaml:2: data: idx/train-images-idx3-ubyte.gz: the gzip data is cut off or broken");
    }

    @Test
    void imagesAndLabelsOfDifferentCountsAreNamed() throws IOException {
        idx("train-labels-idx1-ubyte.gz", 0x801, 3, new byte[] {0, 1, 2});
        assertThat(refused(IDX))
                .contains("run.yaml:2: data: idx/train-images-idx3-ubyte.gz holds 40 images,"
                        + " idx/train-labels-idx1-ubyte.gz 3 labels");
    }

    @Test
    void aLabelOutOfRangeIsNamed() throws IOException {
        byte[] labels = new byte[40];
        labels[7] = 11;
        idx("train-labels-idx1-ubyte.gz", 0x801, 40, labels);
        assertThat(refused(IDX.replace("name: idx", "name: fashion-mnist")))
                .contains("run.yaml:2: data: idx/train-labels-idx1-ubyte.gz: label 11 of sample 7 is out of range;"
                        + " allowed are 0 to 9");
    }

    @Test
    void aDatasetOfOneClassIsRefused() throws IOException {
        idx("train-labels-idx1-ubyte.gz", 0x801, 40, new byte[40]);
        assertThat(refused(IDX.replace("name: idx", "name: fashion-mnist")))
                .contains(
                        "run.yaml:2: data: every training sample is of class 'T-shirt/top'; at least 2 classes are needed");
    }

    @Test
    void aFolderThatHoldsAnotherRunIsLeftAsItIs() throws IOException {
        Path output = Files.createDirectories(folder.resolve("other"));
        Files.writeString(output.resolve("run.json"), "{}");
        Path file = Files.writeString(folder.resolve("run.yaml"), GLYPHS);
        StringWriter err = new StringWriter();
        int code = Main.run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                "--quiet",
                "leaderboard",
                file.toString(),
                "-o",
                output.toString());
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("-o " + output + ": the folder holds another run; choose an empty one");
        assertThat(output.resolve("run.json")).hasContent("{}");
        assertThat(output).isDirectoryNotContaining("glob:**{records,work,board*}");
    }
}
