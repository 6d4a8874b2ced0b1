package org.offramp.datasets;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.offramp.api.DatasetException;
import org.offramp.api.TextEncoding;

/**
 * A Hugging Face tokenizer, from its {@code tokenizer.json} or made from a WordPiece vocabulary as BERT's is; 0 is padding.
 *
 * @param json the tokenizer's description
 * @param tokenIds every id is below this number
 * @param files the files that Hugging Face keeps it in, by name
 */
record WordPieces(String json, int tokenIds, Map<String, String> files) {
    private static final String VOCABULARY = "vocab.txt";
    private static final String TOKENIZER = "tokenizer.json";
    private static final long MOST_BYTES = 64 << 20;
    private static final Set<String> PADDING = Set.of("[PAD]", "<pad>");
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    private static final Pattern WORD = Pattern.compile("[\\p{P}\\p{Punct}]|[^\\s\\p{P}\\p{Punct}]+");

    /**
     * Makes a vocabulary of the words of texts: BERT's special tokens, then words and punctuation by frequency, whole.
     *
     * @param texts the training texts
     * @param most the most tokens
     * @param lowerCase whether case and accents are ignored
     */
    static WordPieces of(List<String> texts, int most, boolean lowerCase) {
        Map<String, Integer> counts = new HashMap<>();
        for (String text : texts) {
            String plain = lowerCase
                    ? Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                            .replaceAll("\\p{Mn}", "")
                    : text;
            WORD.matcher(plain).results().forEach(word -> counts.merge(word.group(), 1, Integer::sum));
        }
        List<String> tokens = new ArrayList<>(SPECIAL);
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit((long) most - SPECIAL.size())
                .forEach(entry -> tokens.add(entry.getKey()));
        return listed(Path.of(VOCABULARY), String.join("\n", tokens) + "\n", lowerCase);
    }

    /**
     * Reads a tokenizer.
     *
     * @param file {@code tokenizer.json}, or a vocabulary with one token a line
     * @param lowerCase whether a vocabulary's tokenizer ignores case and accents
     * @throws DatasetException if it cannot be read, or its padding is not id 0
     */
    static WordPieces read(Path file, boolean lowerCase) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new DatasetException("data.tokenizer: there is no file " + file);
            }
            if (Files.size(file) > MOST_BYTES) {
                throw new DatasetException(
                        "data.tokenizer: " + file + " has " + Files.size(file) + " bytes; allowed are " + MOST_BYTES);
            }
            String text = Files.readString(file);
            return text.stripLeading().startsWith("{") ? described(file, text) : listed(file, text, lowerCase);
        } catch (IOException | JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new DatasetException("data.tokenizer: " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static WordPieces described(Path file, String text) {
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        int greatest = -1;
        JsonElement model = json.get("model");
        JsonElement vocabulary = model == null ? null : model.getAsJsonObject().get("vocab");
        if (vocabulary == null) {
            throw new DatasetException("data.tokenizer: " + file + ": there is no model.vocab");
        }
        if (vocabulary.isJsonArray()) {
            greatest = vocabulary.getAsJsonArray().size() - 1;
        } else {
            for (Map.Entry<String, JsonElement> entry :
                    vocabulary.getAsJsonObject().entrySet()) {
                greatest = Math.max(
                        greatest, checked(file, entry.getKey(), entry.getValue().getAsInt()));
            }
        }
        if (json.get("added_tokens") instanceof JsonArray added) {
            for (JsonElement token : added) {
                JsonObject described = token.getAsJsonObject();
                greatest = Math.max(
                        greatest,
                        checked(
                                file,
                                described.get("content").getAsString(),
                                described.get("id").getAsInt()));
            }
        }
        return new WordPieces(text, greatest + 1, Map.of(TOKENIZER, text));
    }

    private static int checked(Path file, String token, int id) {
        if (PADDING.contains(token) && id != 0) {
            throw new DatasetException(
                    "data.tokenizer: " + file + ": the padding '" + token + "' has the id " + id + "; it must be 0");
        }
        return id;
    }

    private static WordPieces listed(Path file, String text, boolean lowerCase) {
        JsonObject vocabulary = new JsonObject();
        text.lines().forEach(token -> {
            if (vocabulary.has(token)) {
                throw new DatasetException("data.tokenizer: " + file + ": the token '" + token
                        + "' is there twice, the second time in line " + (vocabulary.size() + 1));
            }
            vocabulary.addProperty(token, vocabulary.size());
        });
        for (String special : SPECIAL.subList(0, SPECIAL.size() - 1)) {
            if (!vocabulary.has(special)) {
                throw new DatasetException("data.tokenizer: " + file + ": there is no token " + special);
            }
            checked(file, special, vocabulary.get(special).getAsInt());
        }
        return new WordPieces(
                bert(vocabulary, lowerCase),
                vocabulary.size(),
                Map.of(
                        VOCABULARY,
                        text,
                        "tokenizer_config.json",
                        "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": " + lowerCase + "}\n"));
    }

    private static String bert(JsonObject vocabulary, boolean lowerCase) {
        JsonObject json = JsonParser.parseString(
                        """
                        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
                         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                                        "strip_accents": null, "lowercase": %s},
                         "pre_tokenizer": {"type": "BertPreTokenizer"},
                         "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", %s], "cls": ["[CLS]", %s]},
                         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
                         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                                   "max_input_chars_per_word": 100}}
                        """.formatted(lowerCase, vocabulary.get("[SEP]"), vocabulary.get("[CLS]")))
                .getAsJsonObject();
        json.getAsJsonObject("model").add("vocab", vocabulary);
        return json.toString();
    }

    /**
     * The tokenizer that was published in files.
     *
     * @param files of {@link #files()}; others may be among them
     * @param lowerCase whether a vocabulary's tokenizer ignores case and accents
     * @throws DatasetException if there is no tokenizer among them, or a broken one
     */
    static WordPieces published(Map<String, String> files, boolean lowerCase) {
        String json = files.get(TOKENIZER);
        String vocabulary = files.get(VOCABULARY);
        try {
            if (json != null) {
                return described(Path.of(TOKENIZER), json);
            }
            if (vocabulary != null) {
                return listed(Path.of(VOCABULARY), vocabulary, lowerCase);
            }
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new DatasetException("the tokenizer cannot be read: " + e.getMessage(), e);
        }
        throw new DatasetException("there is neither " + TOKENIZER + " nor " + VOCABULARY + " among "
                + new TreeSet<>(files.keySet()) + "; the bundle takes rows of token ids only");
    }

    /**
     * The ids of every text, without padding.
     *
     * @param texts the texts
     * @param length the most ids of a text; what is beyond is left out
     */
    List<int[]> encode(List<String> texts, int length) {
        try (Rows rows = rows(length)) {
            return texts.stream().map(rows::ids).toList();
        }
    }

    /**
     * Turns texts into rows of ids, filled up with padding. To be closed.
     *
     * @param length the ids of a row; what is beyond is left out
     */
    Rows rows(int length) {
        Map<String, String> options = Map.of(
                "addSpecialTokens",
                "true",
                "truncation",
                "true",
                "padding",
                "false",
                "maxLength",
                String.valueOf(length),
                "modelMaxLength",
                String.valueOf(length));
        try {
            return new Rows(
                    HuggingFaceTokenizer.newInstance(
                            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options),
                    length);
        } catch (IOException | RuntimeException e) {
            throw broken(e);
        }
    }

    private static DatasetException broken(Exception e) {
        return new DatasetException("data.tokenizer: it does not work: " + e.getMessage(), e);
    }

    /** An open tokenizer. */
    record Rows(HuggingFaceTokenizer tokenizer, int length) implements TextEncoding {
        int[] ids(String text) {
            try {
                return Arrays.stream(tokenizer.encode(text).getIds())
                        .mapToInt(Math::toIntExact)
                        .toArray();
            } catch (RuntimeException e) {
                throw broken(e);
            }
        }

        @Override
        public float[] encode(String text) {
            int[] ids = ids(text);
            float[] row = new float[length];
            for (int i = 0; i < ids.length; i++) {
                row[i] = ids[i];
            }
            return row;
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
