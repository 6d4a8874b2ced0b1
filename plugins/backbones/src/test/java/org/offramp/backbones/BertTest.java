package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.offramp.api.Backbone;
import org.offramp.backbones.Safetensors.Given;

class BertTest {
    private static final int LAYERS = 2;
    private static final int WIDTH = 8;
    private static final int HEADS = 2;
    private static final int HIDDEN = 12;
    private static final int VOCABULARY = 20;
    private static final int POSITIONS = 10;
    private static final int CLASSES = 3;

    @TempDir
    private Path folder;

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private static Bert.Config config(TokenPool pool, Optional<String> weights, boolean newClassifier) {
        return new Bert.Config(
                LAYERS, WIDTH, HEADS, HIDDEN, VOCABULARY, POSITIONS, pool, weights, newClassifier, 0, 32);
    }

    private static Backbone bert(TokenPool pool, Optional<String> weights, int length) {
        return new Bert().create(config(pool, weights, false), new Shape(length), CLASSES);
    }

    /** The tensors of a network with values that all matter, under changed names. */
    private Map<String, Given> tensors(TokenPool pool, UnaryOperator<String> rename) {
        Backbone backbone = bert(pool, Optional.empty(), 6);
        new Network(manager, backbone);
        Map<String, Given> tensors = new LinkedHashMap<>();
        int seed = 0;
        for (Map.Entry<String, Parameter> entry : backbone.publishedParameters().entrySet()) {
            Shape shape = entry.getValue().getArray().getShape();
            float[] values = new float[Math.toIntExact(shape.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(++seed * 12.9898) * (shape.dimension() == 1 ? 0.5f : 0.8f);
            }
            tensors.put(rename.apply(entry.getKey()), Given.of(shape, values));
        }
        return tensors;
    }

    private Path file(TokenPool pool, UnaryOperator<String> rename) throws IOException {
        return Safetensors.write(folder.resolve("model.safetensors"), tensors(pool, rename));
    }

    private float[] logits(Backbone backbone, float... ids) {
        return new Network(manager, backbone)
                .logits(manager.create(ids, new Shape(1, ids.length)))
                .toFloatArray();
    }

    @ParameterizedTest
    @EnumSource(TokenPool.class)
    void itComputesWhatThePaperSays(TokenPool pool) throws IOException {
        Path file = file(pool, name -> name);
        Backbone backbone = bert(pool, Optional.of(file.toString()), 6);
        float[] logits = logits(backbone, 2, 9, 4, 17, 3, 0);
        PlainBert plain = new PlainBert(backbone.publishedParameters(), LAYERS, HEADS);
        double[] expected = plain.logits(new int[] {2, 9, 4, 17, 3}, pool == TokenPool.CLS);
        for (int k = 0; k < CLASSES; k++) {
            assertThat((double) logits[k]).isCloseTo(expected[k], within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource(TokenPool.class)
    void paddingDoesNotChangeAnAnswer(TokenPool pool) throws IOException {
        Optional<String> file = Optional.of(file(pool, name -> name).toString());
        float[] bare = logits(bert(pool, file, 4), 2, 9, 4, 3);
        float[] padded = logits(bert(pool, file, 10), 2, 9, 4, 3, 0, 0, 0, 0, 0, 0);
        assertThat(padded).containsExactly(bare, within(1e-5f));
        assertThat(logits(bert(pool, file, 10), 2, 9, 4, 3, 5, 0, 0, 0, 0, 0)).isNotEqualTo(padded);
    }

    @Test
    void namesWithoutThePrefixAndOfOlderModelsAreRead() throws IOException {
        float[] expected = logits(
                bert(
                        TokenPool.CLS,
                        Optional.of(file(TokenPool.CLS, name -> name).toString()),
                        4),
                2,
                9,
                4,
                3);
        Path bare = file(TokenPool.CLS, name -> name.replaceFirst("^bert\\.", ""));
        assertThat(logits(bert(TokenPool.CLS, Optional.of(bare.toString()), 4), 2, 9, 4, 3))
                .isEqualTo(expected);
        Path old = file(
                TokenPool.CLS,
                name -> name.replace("LayerNorm.weight", "LayerNorm.gamma")
                        .replace("LayerNorm.bias", "LayerNorm.beta"));
        assertThat(logits(bert(TokenPool.CLS, Optional.of(old.toString()), 4), 2, 9, 4, 3))
                .isEqualTo(expected);
    }

    @Test
    void aFolderBringsItsOwnSizes() throws IOException {
        file(TokenPool.CLS, name -> name);
        Files.writeString(folder.resolve("config.json"), config("bert", VOCABULARY));
        Bert.Config others =
                new Bert.Config(5, 16, 4, 3, 99, 512, TokenPool.CLS, Optional.of(folder.toString()), false, 0, 32);
        Backbone backbone = new Bert().create(others, new Shape(4), CLASSES);
        assertThat(backbone.stages()).hasSize(LAYERS);
        assertThat(backbone.tokenIds()).hasValue(VOCABULARY);
        Files.writeString(folder.resolve("config.json"), config("roberta", VOCABULARY));
        assertThatThrownBy(() -> new Bert().create(others, new Shape(4), CLASSES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model_type is \"roberta\"; allowed is bert");
        Files.writeString(folder.resolve("config.json"), config("bert", VOCABULARY + 1));
        assertThatThrownBy(() -> new Bert().create(others, new Shape(4), CLASSES))
                .hasMessageEndingWith("'bert.embeddings.word_embeddings.weight' has the shape (20, 8), this network"
                        + " needs (21, 8)");
        Files.writeString(folder.resolve("config.json"), "[");
        assertThatThrownBy(() -> new Bert().create(others, new Shape(4), CLASSES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("config.json: cannot be read");
    }

    private static String config(String type, int vocabulary) {
        return """
                {"model_type": "%s", "hidden_act": "gelu", "pad_token_id": 0, "num_hidden_layers": %d,
                 "hidden_size": %d, "num_attention_heads": %d, "intermediate_size": %d, "vocab_size": %d,
                 "max_position_embeddings": %d, "type_vocab_size": 2, "layer_norm_eps": 1e-12}
                """.formatted(type, LAYERS, WIDTH, HEADS, HIDDEN, vocabulary, POSITIONS);
    }

    @Test
    void aPretrainedEncoderGetsANewClassifier() throws IOException {
        Map<String, Given> tensors = tensors(TokenPool.CLS, name -> name);
        tensors.keySet().removeIf(name -> name.startsWith("classifier."));
        tensors.put("cls.predictions.bias", new Given("F32", "[1]", new byte[4]));
        tensors.put("bert.embeddings.position_ids", new Given("I64", "[1, 1]", new byte[8]));
        Optional<String> file = Optional.of(
                Safetensors.write(folder.resolve("model.safetensors"), tensors).toString());
        assertThatThrownBy(() -> bert(TokenPool.CLS, file, 4))
                .hasMessageEndingWith("there is no tensor 'classifier.weight'");
        Backbone backbone = new Bert().create(config(TokenPool.CLS, file, true), new Shape(4), CLASSES);
        assertThat(logits(backbone, 2, 9, 4, 3)).hasSize(CLASSES).doesNotContain(Float.NaN);
        // The pooler is there and not needed where the mean is read.
        Backbone mean = new Bert().create(config(TokenPool.MEAN, file, true), new Shape(4), CLASSES);
        assertThat(mean.publishedParameters()).doesNotContainKey("bert.pooler.dense.weight");
    }

    @Test
    void samplesLongerThanTheModelAreRefused() {
        assertThatThrownBy(() -> bert(TokenPool.CLS, Optional.empty(), POSITIONS + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the backbone 'bert' takes at most 10 tokens; the samples have 11: lower the dataset's length");
        assertThatThrownBy(() -> new Bert.Config(2, 9, 2, 4, 10, 10, TokenPool.CLS, Optional.empty(), false, 0, 32))
                .hasMessage("heads is 2; allowed is a divisor of width, which is 9");
    }
}
