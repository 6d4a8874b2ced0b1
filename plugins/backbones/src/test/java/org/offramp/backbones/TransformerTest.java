package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransformerTest {
    private static final int WIDTH = 8;
    private static final int LENGTH = 6;
    private static final int VOCABULARY = 20;

    private final NDManager manager = NDManager.newBaseManager();
    private final Network network = new Network(
            manager, new Transformer().create(new Transformer.Config(2, WIDTH, 2, VOCABULARY), new Shape(LENGTH), 3));

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray tokens(float... ids) {
        return manager.create(ids, new Shape(1, LENGTH));
    }

    @Test
    void whatStandsAtPaddingChangesNothing() {
        NDArray input = tokens(4, 9, 2, 0, 0, 0);
        float[] before = network.logits(input).toFloatArray();
        NDArray positions = network.block(1)
                .getParameters()
                .get("01TokenEmbedding_positions")
                .getArray();
        positions.set(new NDIndex("3:, :"), 5);
        assertThat(network.logits(input).toFloatArray()).isEqualTo(before);
        positions.set(new NDIndex("2:, :"), 5);
        assertThat(network.logits(input).toFloatArray()).isNotEqualTo(before);
    }

    @Test
    void attentionOverAPaddedWindowIsAttentionOverItsTokens() {
        Attention attention = new Attention(WIDTH, 2, false);
        attention.initialize(manager, DataType.FLOAT32, new Shape(1, LENGTH, WIDTH));
        NDArray features = manager.randomNormal(new Shape(1, LENGTH, WIDTH));
        NDArray mask = manager.create(new float[] {1, 1, 1, 0, 0, 0}, new Shape(1, 1, LENGTH));
        ParameterStore store = new ParameterStore(manager, false);
        NDArray padded = attention
                .forward(store, new NDList(features, mask), false)
                .singletonOrThrow()
                .get(":, :3, :");
        NDArray alone = attention
                .forward(store, new NDList(features.get(":, :3, :"), manager.ones(new Shape(1, 1, 3))), false)
                .singletonOrThrow();
        assertThat(padded.toFloatArray()).containsExactly(alone.toFloatArray(), within(1e-6f));
    }

    @Test
    void theOrderOfTheTokensMatters() {
        assertThat(network.logits(tokens(4, 9, 2, 0, 0, 0)).toFloatArray())
                .isNotEqualTo(network.logits(tokens(9, 4, 2, 0, 0, 0)).toFloatArray());
    }

    @Test
    void thePlainAverageOfAnActivationIsTheMeanOverTheTokens() {
        NDArray activation =
                network.activations(tokens(4, 9, 0, 0, 7, 0), false).get(0);
        float[] average = activation.mean(new int[] {2}).toFloatArray();
        for (int channel = 0; channel < WIDTH; channel++) {
            float sum = 0;
            for (int position : new int[] {0, 1, 4}) {
                sum += activation.getFloat(0, channel, position);
            }
            assertThat(average[channel]).isCloseTo(sum / 3, within(1e-5f));
        }
        assertThat(average[WIDTH]).isEqualTo(0.5f);
    }

    @Test
    void aSampleOfPaddingAloneGivesFiniteLogits() {
        for (float logit : network.logits(tokens(0, 0, 0, 0, 0, 0)).toFloatArray()) {
            assertThat(logit).isFinite();
        }
    }

    @Test
    void idsOutsideTheVocabularyAreReadAsItsEnds() {
        assertThat(network.logits(tokens(4, 99, -3, 0, 0, 0)).toFloatArray())
                .isEqualTo(network.logits(tokens(4, VOCABULARY - 1, 0, 0, 0, 0)).toFloatArray());
    }
}
