package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.BundleException;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.plugin.LoadedPlugin;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.testing.TestBundles;

/** {@code offramp predict} of sentences: a bundle that was trained on texts brings its vocabulary along. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PredictTextTest {
    private static final List<String> ABOUT = List.of("card lost", "card stolen", "rate today", "euro rate");

    private Path folder = Path.of("");
    private Path bundle = Path.of("");

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
        StringBuilder rows = new StringBuilder("text,category\n");
        for (int i = 0; i < 160; i++) {
            rows.append("my ")
                    .append(ABOUT.get(i % 4))
                    .append(i % 3 == 0 ? " please" : " ?")
                    .append(i % 4 < 2 ? ",cards\n" : ",rates\n");
        }
        Files.writeString(folder.resolve("train.csv"), rows);
        Files.writeString(folder.resolve("test.csv"), rows);
        Path yaml = Files.writeString(folder.resolve("run.yaml"), """
                data: { name: text-csv, path: '%s', length: 8, vocabulary: 32 }
                normalize: none
                strategies:
                  - name: one
                    backbone: { name: transformer, layers: 2, width: 16, heads: 2, vocabulary: 32 }
                    trainers: [ { name: joint, epochs: 20, batch-size: 16, optimization: { learning-rate: 0.01 } } ]
                    policy: { name: max-probability }
                    calibrate: { max-accuracy-drop: 0.05 }
                """.formatted(folder));
        bundle = folder.resolve("bundle");
        Ended ended = offramp("--quiet", "train", yaml, "-o", bundle);
        assertThat(ended.code()).as(ended.err()).isZero();
        // The vocabulary is in the bundle: the texts are not needed again.
        Files.delete(folder.resolve("train.csv"));
        Files.delete(folder.resolve("test.csv"));
    }

    private static List<String> answers(Ended ended) {
        return ended.out()
                .lines()
                .map(line -> line.replaceAll("\"(probability|score)\":[^,]*,?", ""))
                .map(line -> line.replaceAll("\\{\"input\":\"[^\"]*\",", ""))
                .toList();
    }

    @Test
    void sentencesAreAnsweredAsLinesOfTextAndAsJson() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "My CARD was stolen!\nthe rate of the euro\n");
        Path json = Files.writeString(
                folder.resolve("a.jsonl"),
                "\"My CARD was stolen!\"\n{\"text\": \"the rate of the euro\", \"id\": 7}\n");
        Ended ended = offramp("predict", bundle, text, json);
        assertThat(ended.code()).as(ended.err()).isZero();
        List<String> answers = answers(ended);
        assertThat(answers).hasSize(4);
        assertThat(answers.get(0)).contains("\"class\":\"cards\"");
        assertThat(answers.get(1)).contains("\"class\":\"rates\"");
        assertThat(answers.subList(2, 4)).isEqualTo(answers.subList(0, 2));
        assertThat(ended.out().lines().toList().get(3)).contains("a.jsonl:2");

        Path ids = Files.writeString(folder.resolve("ids.jsonl"), idsOf("My CARD was stolen!") + "\n");
        assertThat(answers(offramp("predict", bundle, ids))).isEqualTo(answers.subList(0, 1));
    }

    private String idsOf(String text) {
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            StringBuilder ids = new StringBuilder("[");
            for (float id : model.sample(text)) {
                ids.append(ids.length() > 1 ? "," : "").append((int) id);
            }
            return ids.append(']').toString();
        }
    }

    @Test
    void standardInputIsJsonUnlessItIsText() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("card stolen\n[1, 2]\n".getBytes(StandardCharsets.UTF_8)));
            Ended texts = offramp("predict", bundle, "-", "--text");
            assertThat(texts.code()).as(texts.err()).isZero();
            assertThat(answers(texts)).hasSize(2).first().asString().contains("\"class\":\"cards\"");
            System.setIn(new ByteArrayInputStream("card stolen\n\"card stolen\"\n".getBytes(StandardCharsets.UTF_8)));
            Ended json = offramp("predict", bundle, "-");
            assertThat(json.code()).isEqualTo(1);
            assertThat(answers(json).get(0)).contains("not a row of numbers");
            assertThat(answers(json).get(1)).isEqualTo(answers(texts).get(0));
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void bytesThatAreNoTextEndTheirFileAndTheOthersGoOn() throws IOException {
        Path broken = Files.write(folder.resolve("b.txt"), new byte[] {'a', '\n', (byte) 0xff, (byte) 0xfe, '\n'});
        Path good = Files.writeString(folder.resolve("c.txt"), "card lost\n");
        Ended ended = offramp("predict", bundle, broken, good);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).contains("b.txt").contains("not UTF-8").contains("c.txt:1");
        assertThat(ended.err()).doesNotContain("\tat ");
    }

    @Test
    void aBundleThatIsNotOfTextsSaysSoAndSoDoesOneWithoutItsDataset() throws IOException {
        Path text = Files.writeString(folder.resolve("d.txt"), "card lost\n");
        Ended ended = offramp("predict", TestBundles.golden().resolve("format-1"), text);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).contains("the dataset 'glyphs' does not make samples of texts");
        List<LoadedPlugin> others =
                PluginFinder.find(List.of(), PredictTextTest.class.getClassLoader()).plugins().stream()
                        .filter(loaded -> loaded.plugin().datasets().isEmpty())
                        .toList();
        try (EarlyExitModel model = EarlyExitModel.load(bundle, new PluginRegistry(others, List.of()))) {
            assertThatThrownBy(() -> model.sample("card"))
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("the dataset 'text-csv', whose plugin is not here");
        }
    }
}
