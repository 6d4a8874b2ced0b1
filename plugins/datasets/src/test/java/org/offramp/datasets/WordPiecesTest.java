package org.offramp.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.DatasetException;

class WordPiecesTest {
    private static final String VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncard\n##s\nlost\nmy\n!\nCard\n";

    @TempDir
    private Path folder;

    private Path vocabulary(String text) throws IOException {
        return Files.writeString(folder.resolve("vocab.txt"), text);
    }

    @Test
    void aVocabularyFileMakesBertsTokenizer() throws IOException {
        WordPieces pieces = WordPieces.read(vocabulary(VOCABULARY), true);
        assertThat(pieces.tokenIds()).isEqualTo(10);
        assertThat(pieces.encode(List.of("My Cards lost!", "", "zebra"), 16))
                .containsExactly(new int[] {2, 7, 4, 5, 6, 8, 3}, new int[] {2, 3}, new int[] {2, 1, 3});
    }

    @Test
    void caseIsKeptWhereAsked() throws IOException {
        WordPieces pieces = WordPieces.read(vocabulary(VOCABULARY), false);
        assertThat(pieces.encode(List.of("Cards My"), 16)).containsExactly(new int[] {2, 9, 5, 1, 3});
    }

    @Test
    void aLongerTextLosesItsEndAndKeepsTheSeparator() throws IOException {
        WordPieces pieces = WordPieces.read(vocabulary(VOCABULARY), true);
        assertThat(pieces.encode(List.of("my card my card my card"), 4)).containsExactly(new int[] {2, 7, 4, 3});
    }

    @Test
    void aTokenizerFileIsUsedAsItIs() throws IOException {
        String json = WordPieces.read(vocabulary(VOCABULARY), true)
                .json()
                .replace(
                        "\"added_tokens\":[]",
                        "\"added_tokens\":[{\"id\":10,\"content\":\"<new>\",\"single_word\":false,"
                                + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}]");
        WordPieces pieces = WordPieces.read(Files.writeString(folder.resolve("tokenizer.json"), json), true);
        assertThat(pieces.tokenIds()).isEqualTo(11);
        assertThat(pieces.encode(List.of("lost <new> card"), 16)).containsExactly(new int[] {2, 6, 10, 4, 3});
    }

    @Test
    void tokenizersThatDoNotFitAreRefused() throws IOException {
        assertRefused(VOCABULARY.replace("[SEP]\n", ""), "there is no token [SEP]");
        assertRefused(
                VOCABULARY.replace("[PAD]\n[UNK]", "[UNK]\n[PAD]"), "the padding '[PAD]' has the id 1; it must be 0");
        assertRefused(VOCABULARY + "card\n", "the token 'card' is there twice, the second time in line 11");
        assertRefused("{\"model\": {}}", "there is no model.vocab");
        assertRefused("{\"model\": {\"vocab\": {\"<pad>\": 3}}}", "the padding '<pad>' has the id 3; it must be 0");
        assertRefused("{\"model\": {\"vocab\": 3}}", "cannot be read");
        assertThatThrownBy(() -> WordPieces.read(folder.resolve("none"), true))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("there is no file");
    }

    private void assertRefused(String text, String message) throws IOException {
        Path file = vocabulary(text);
        assertThatThrownBy(() -> WordPieces.read(file, true))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith("data.tokenizer: " + file)
                .hasMessageContaining(message);
    }
}
