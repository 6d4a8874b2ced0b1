package org.offramp.backbones;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The sizes of a BERT encoder.
 *
 * @param layers encoder layers
 * @param width features per token
 * @param heads attention heads, a divisor of the width
 * @param intermediate features between the two linear layers of a feed-forward part
 * @param vocabulary token ids
 * @param positions the most tokens of a sample
 * @param types token types
 * @param epsilon added to the variance by every LayerNorm
 */
record BertSizes(
        int layers, int width, int heads, int intermediate, int vocabulary, int positions, int types, float epsilon) {
    static final float EPSILON = 1e-12f;
    static final int TYPES = 2;
    private static final long MOST_BYTES = 1 << 20;

    /** Checks the numbers. */
    BertSizes {
        if (layers < 1 || width < 1 || heads < 1 || intermediate < 1 || vocabulary < 2 || positions < 1 || types < 1) {
            throw new IllegalArgumentException("layers " + layers + ", width " + width + ", heads " + heads
                    + ", intermediate " + intermediate + ", vocabulary " + vocabulary + ", positions " + positions
                    + ", types " + types + ": allowed are numbers >= 1, and vocabulary >= 2");
        }
        if (width % heads != 0) {
            throw new IllegalArgumentException(
                    "heads is " + heads + "; allowed is a divisor of width, which is " + width);
        }
    }

    /**
     * Reads a Hugging Face {@code config.json}.
     *
     * @param file the file
     * @throws IllegalArgumentException if it describes another kind of model; the message names the key
     */
    static BertSizes read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException("weights: there is no file " + file + " of at most 1 MiB");
            }
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            require(file, json, "model_type", "bert");
            require(file, json, "hidden_act", "gelu");
            require(file, json, "pad_token_id", "0");
            return new BertSizes(
                    number(file, json, "num_hidden_layers"),
                    number(file, json, "hidden_size"),
                    number(file, json, "num_attention_heads"),
                    number(file, json, "intermediate_size"),
                    number(file, json, "vocab_size"),
                    number(file, json, "max_position_embeddings"),
                    number(file, json, "type_vocab_size"),
                    json.has("layer_norm_eps") ? json.get("layer_norm_eps").getAsFloat() : EPSILON);
        } catch (IOException | JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new IllegalArgumentException("weights: " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * A Hugging Face {@code config.json} that {@link #read} reads.
     *
     * @param classes the number of classes
     */
    String json(int classes) {
        JsonObject json = new JsonObject();
        JsonArray architectures = new JsonArray();
        architectures.add("BertForSequenceClassification");
        json.add("architectures", architectures);
        json.addProperty("model_type", "bert");
        json.addProperty("hidden_act", "gelu");
        json.addProperty("pad_token_id", 0);
        json.addProperty("num_hidden_layers", layers);
        json.addProperty("hidden_size", width);
        json.addProperty("num_attention_heads", heads);
        json.addProperty("intermediate_size", intermediate);
        json.addProperty("vocab_size", vocabulary);
        json.addProperty("max_position_embeddings", positions);
        json.addProperty("type_vocab_size", types);
        json.addProperty("layer_norm_eps", epsilon);
        json.addProperty("num_labels", classes);
        return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
    }

    private static void require(Path file, JsonObject json, String key, String wanted) {
        JsonElement given = json.get(key);
        if (given != null && !given.getAsString().equals(wanted)) {
            throw new IllegalArgumentException(
                    "weights: " + file + ": " + key + " is " + given + "; allowed is " + wanted);
        }
    }

    private static int number(Path file, JsonObject json, String key) {
        JsonElement given = json.get(key);
        if (given == null) {
            throw new IllegalArgumentException("weights: " + file + ": there is no " + key);
        }
        return given.getAsInt();
    }
}
