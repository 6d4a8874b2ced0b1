package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.EarlyExitModel;

/** A text MainNet that is trained here, kept in Hugging Face's layout, and taken up again as a pretrained one. */
class PretrainedTextTest {
    private static final String MAINNET = """
            data: { name: text-csv, path: texts, length: 8, vocabulary: 64 }
            normalize: none
            splits: { validation: 0.1, calibration: 0.3, seed: 5 }
            strategies:
              - name: mainnet
                backbone: { name: bert, layers: 2, width: 16, heads: 2, intermediate: 16, vocabulary: 64, positions: 9 }
                trainers: [ { name: joint, epochs: 3, batch-size: 16 } ]
                policy: { name: max-probability }
                calibrate: { threshold: [ 0.5 ] }
            """;
    private static final String SIDENET = """
            data: { name: text-csv, path: texts, length: 8, tokenizer: mainnet/vocab.txt }
            normalize: none
            splits: { validation: 0.1, calibration: 0.3, seed: 5 }
            strategies:
              - name: sidenet
                backbone: { name: bert, weights: '%s' }
                trainers: [ { name: sidenet, epochs: 2, pool: cls } ]
                policy: { name: max-probability }
                calibrate: { threshold: [ 0.5 ] }
            seeds: [2]
            """;

    @TempDir
    private Path folder;

    @Test
    void theBundleIsAFolderThatABackboneAndATokenizerAreReadFrom() throws IOException {
        List<String> words = List.of("lost", "card", "stolen", "money", "exchange", "rate");
        StringBuilder rows = new StringBuilder("text,category\n");
        for (int i = 0; i < 90; i++) {
            int kind = i % 3;
            rows.append(words.get(2 * kind)).append(" the ").append(words.get((i / 3) % 6));
            rows.append(' ')
                    .append(words.get(2 * kind + 1))
                    .append("?,c")
                    .append(kind)
                    .append('\n');
        }
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(texts.resolve("train.csv"), rows);
        Files.writeString(texts.resolve("test.csv"), rows);
        Path mainnet = train("mainnet", MAINNET);
        assertThat(Files.readString(mainnet.resolve("vocab.txt")))
                .startsWith("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n?\nthe\n");
        assertThat(Files.readString(mainnet.resolve("config.json")))
                .contains("\"model_type\": \"bert\"", "\"num_hidden_layers\": 2", "\"num_labels\": 3");
        Path sidenet = train("sidenet", SIDENET.formatted(mainnet));
        float[][] samples = {{2, 5, 6, 7, 3, 0, 0, 0}, {2, 8, 9, 6, 10, 11, 5, 3}};
        try (EarlyExitModel before = EarlyExitModel.load(mainnet).withThreshold(Double.POSITIVE_INFINITY);
                EarlyExitModel after = EarlyExitModel.load(sidenet).withThreshold(Double.POSITIVE_INFINITY)) {
            for (int i = 0; i < samples.length; i++) {
                assertThat(after.predict(samples).get(i).probabilities())
                        .isEqualTo(before.predict(samples).get(i).probabilities());
            }
        }
        assertThat(Files.mismatch(mainnet.resolve("model.safetensors"), sidenet.resolve("model.safetensors")))
                .isEqualTo(-1);
        assertThat(Files.mismatch(mainnet.resolve("config.json"), sidenet.resolve("config.json")))
                .isEqualTo(-1);
    }

    private Path train(String name, String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), yaml);
        Path bundle = folder.resolve(name);
        assertThat(Main.run("--quiet", "train", file.toString(), "-o", bundle.toString()))
                .isBetween(0, 1);
        return bundle;
    }
}
