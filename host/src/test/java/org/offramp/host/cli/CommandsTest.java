package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.calibration.Goal;

/** The commands as a person types them: what they print, and with which exit code they end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsTest {
    private static final String YAML = """
            data: { name: glyphs, train: 600, test: 120, size: 12, classes: 4 }
            strategies:
              - name: one
                backbone: { name: convnet, width: 0.25 }
                trainers: [ { name: joint, epochs: 2 } ]
                policy: { name: temperature }
                calibrate: { max-accuracy-drop: 0.05 }
            """;

    private Path folder;
    private Path file;
    private Path bundle;

    private record Ended(int code, String out, String err) {}

    private static Ended offramp(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(arguments).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
        return new Ended(code, out.toString(), err.toString());
    }

    @BeforeAll
    void train(@TempDir Path directory) throws IOException {
        folder = directory;
        file = Files.writeString(folder.resolve("run.yaml"), YAML);
        bundle = folder.resolve("bundle");
        Ended ended = offramp("--quiet", "train", file, "-o", bundle);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("one, seed 1: goal max-accuracy-drop 0.05");
    }

    @Test
    void aBundleIsEvaluatedAndAnotherGoalChosen() throws IOException {
        Path copy = copy("other-goal");
        assertThat(offramp("evaluate", copy).out()).contains("test: 120 samples");
        Ended never = offramp("calibrate", copy, "--threshold", "2");
        assertThat(never.out()).contains("threshold [2.0]");
        assertThat(offramp("evaluate", copy).out()).contains("exits 0.0 % / 0.0 % / 100.0 %");
        Ended sure = offramp("calibrate", copy, "--max-accuracy-drop", "0.05", "--confidence", "0.95");
        assertThat(sure.out()).contains("max-accuracy-drop 0.05 with confidence 0.95");
        Ended astray = offramp("calibrate", copy, "--max-macs", "0.5", "--confidence", "0.95");
        assertThat(astray.code()).isEqualTo(2);
        assertThat(astray.err()).contains("--confidence goes with --max-accuracy-drop");
        assertThat(offramp("calibrate", copy, "--threshold", "0.5,0.5,0.5").code())
                .isEqualTo(2);
    }

    @Test
    void benchMeasuresBackboneEarlyExitsAndNeverExitingInTurns() {
        Ended ended = offramp("bench", bundle, "--batch", "1,70", "--rounds", "1", "--samples", "70", "--warm-up", "0");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines().filter(line -> line.startsWith("| 1 |") || line.startsWith("| 70 |")))
                .hasSize(6)
                .allMatch(line -> line.split("\\|").length == 12);
        assertThat(offramp("bench", bundle, "--rounds", "0").code()).isEqualTo(2);
    }

    @Test
    void benchMeasuresAStreamOfRequests() {
        Ended ended = offramp("bench", "--stream", bundle, "--batch", "1,9", "--rounds", "1", "--samples", "40");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("| 1 | 1 | never exit |").contains("| early exit |");
    }

    @Test
    void predictionsComeInOrderAndABadItemGivesAnErrorLine() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < 5; row++) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < 144; i++) {
                cells.add(String.valueOf((i * (row + 3)) % 7 / 7f));
            }
            rows.append(row == 2 ? "1,2,x" : String.join(",", cells)).append('\n');
        }
        Path csv = Files.writeString(folder.resolve("rows.csv"), rows);
        Ended all = offramp("predict", bundle, csv);
        assertThat(all.code()).isEqualTo(1);
        assertThat(all.out().lines()).hasSize(5);
        assertThat(all.out().lines().toList().get(2)).contains("rows.csv:3").contains("not a row of numbers");
        Ended one = offramp("predict", bundle, csv, "--batch", "1");
        assertThat(withoutDigits(one.out())).isEqualTo(withoutDigits(all.out()));
    }

    @Test
    void imagesRowsAndJsonOfTheSamePixelsGetTheSameAnswerAndTheFirstBadOneOfABatchDoesNotSpoilTheOthers()
            throws IOException {
        BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_BYTE_GRAY);
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < 144; i++) {
            image.getRaster().setSample(i % 12, i / 12, 0, i * 37 % 256);
            cells.add(String.valueOf(i * 37 % 256 / 255f));
        }
        Path png = folder.resolve("grey.png");
        ImageIO.write(image, "png", png.toFile());
        String row = String.join(",", cells);
        Path csv = Files.writeString(folder.resolve("grey.csv"), row + "\n" + row.replaceAll("[^,]+", "3e38") + "\n");
        Path json = Files.writeString(folder.resolve("grey.jsonl"), "[" + row + "]\n{}\n");
        Path text = Files.writeString(folder.resolve("no-picture.png"), "text");
        Ended ended = offramp("predict", bundle, png, csv, json, text, folder.resolve("nothing.png"));
        assertThat(ended.code()).isEqualTo(1);
        List<String> lines = ended.out().lines().toList();
        assertThat(lines).hasSize(7);
        String answer = lines.get(0).substring(lines.get(0).indexOf("\"class\""));
        assertThat(withoutDigits(lines.get(1)))
                .containsExactlyElementsOf(withoutDigits(lines.get(0).replace("grey.png", "grey.csv:1")));
        assertThat(answer).contains("\"exit\":");
        assertThat(lines.get(2)).contains("grey.csv:2").contains("error").contains("sample 0");
        assertThat(withoutDigits(lines.get(3)))
                .containsExactlyElementsOf(withoutDigits(lines.get(0).replace("grey.png", "grey.jsonl:1")));
        assertThat(lines.get(4)).contains("not a row of numbers");
        assertThat(lines.get(5)).contains("not an image this Java can read");
        assertThat(lines.get(6)).contains("there is no such file");
    }

    /** Scores may differ in their last digits with the size of the batch; classes and exits may not. */
    private static List<String> withoutDigits(String out) {
        return out.lines()
                .map(line -> line.replaceAll("\"(probability|score)\":[^,]*,?", ""))
                .toList();
    }

    @Test
    void anArchiveIsExportedOnceAndNotWrittenOver() {
        Path archive = folder.resolve("model.pt");
        Ended ended = offramp("export", bundle, "-o", archive);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("forward(x) for one sample, stages(x) for a batch");
        assertThat(archive).isNotEmptyFile();
        Ended again = offramp("export", bundle, "-o", archive);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("there is something already");
    }

    @Test
    void aJavaProgramTurnsTheDialAndClosesWhatItOpened() {
        float[] sample = new float[144];
        sample[7] = 1;
        EarlyExitModel model = EarlyExitModel.load(bundle);
        try (EarlyExitModel never = model.withThreshold(2);
                EarlyExitModel always = model.withThreshold(-1);
                EarlyExitModel cheap = model.withGoal(new Goal.MaxMacs(0.3))) {
            assertThat(never.predict(sample).get(0).exit()).isEqualTo(3);
            assertThat(always.predict(sample, sample))
                    .extracting(EarlyExitModel.Prediction::exit)
                    .containsExactly(1, 1);
            assertThat(never.predict(sample).get(0).macs()).isGreaterThan(model.backboneMacs());
            assertThat(cheap.thresholds()).hasSize(2);
            model.close();
            assertThat(never.predict()).isEmpty();
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> never.predict(new float[3]))
                    .hasMessageContaining("sample 0 has 3 values");
            sample[3] = Float.NaN;
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> never.predict(sample))
                    .hasMessageContaining("sample 0: value 3 is NaN");
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> model.predict(new float[144]))
                .hasMessageContaining("closed");
    }

    @Test
    void aChangedOrNewerBundleIsRefusedWithTheReason() throws IOException {
        Path changed = copy("changed");
        byte[] bytes = Files.readAllBytes(changed.resolve("stages.pt"));
        bytes[bytes.length / 2] ^= 1;
        Files.write(changed.resolve("stages.pt"), bytes);
        Ended ended = offramp("evaluate", changed);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("stages.pt: its SHA-256 is").contains("changed or cut off");

        Path newer = copy("newer");
        Path manifest = newer.resolve("bundle.yaml");
        Files.writeString(manifest, Files.readString(manifest).replace("format: 4", "format: 9"));
        assertThat(offramp("evaluate", newer).err()).contains("format 9; this Offramp reads formats 1 to 4");
        assertThat(offramp("evaluate", folder.resolve("nothing")).err()).contains("not a bundle");
        assertThat(offramp("train", file, "-o", bundle).err()).contains("there is something already");
        Ended plain = offramp("train", file, "-o", folder.resolve("plain"), "--no-compile");
        assertThat(plain.code()).isEqualTo(2);
        assertThat(plain.err()).contains("execution.compile: false; a bundle holds compiled stages");
    }

    @Test
    void wrongInputEndsWithTwoAndOneMessageAndWritesNothing() {
        Path output = folder.resolve("nothing-written");
        String exits = "strategies=[{name: a, backbone: {name: convnet, exits: [9]}, trainers: [{name: joint}],"
                + " policy: {name: margin}, calibrate: {threshold: 0.5}}]";
        check(output, exits, "--set strategies: strategies[0].backbone.exits: [9]; the backbone has 3 stages");
        check(output, exits.replace("9", "1, 2").replace("0.5", "[1, 2, 3]"), "3 thresholds for 2 early exits");
        check(
                output,
                "strategies=[{name: a, backbone: {name: convnet}, trainers: [{name: joint}],"
                        + " control: {name: static, exit: 7}}]",
                "control.exit: 7; the network has 3 exits");
        check(output, exits.replace("exits: [9]", "width: 1").replace("[{name: joint}]", "[]"), "needs at least one");
        check(output, "data.sise=3", "sise");
        check(output, "data={name: idx, path: nowhere}", "nowhere");
        assertThat(offramp("leaderboard", folder.resolve("no.yaml"), "-o", output)
                        .err())
                .contains("no such file");
        assertThat(offramp("leaderboard").code()).isEqualTo(2);
        assertThat(offramp("leaderbord").code()).isEqualTo(2);
        assertThat(output).doesNotExist();
    }

    private void check(Path output, String change, String message) {
        Ended ended = offramp("--quiet", "leaderboard", file, "-o", output, "--set", change);
        assertThat(ended.code()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err()).contains(message).doesNotContain("\tat ");
    }

    @Test
    void pluginsAndDoctorAreWell() {
        assertThat(offramp("plugins", "list").out()).contains("baselines");
        assertThat(offramp("doctor").out()).contains("rightly");
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        try (Stream<Path> files = Files.list(bundle)) {
            for (Path each : files.toList()) {
                Files.copy(each, copy.resolve(each.getFileName()));
            }
        }
        return copy;
    }
}
