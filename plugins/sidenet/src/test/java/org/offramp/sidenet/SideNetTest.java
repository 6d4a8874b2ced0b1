package org.offramp.sidenet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.TrainingException;

class SideNetTest {
    private static float[] pooled(String word, Shape shape) {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock block = new SequentialBlock();
            Pooling.of(word).addTo(block, 1, shape);
            NDArray x = manager.arange(Math.toIntExact(shape.size()))
                    .reshape(new Shape(1).addAll(shape))
                    .toType(DataType.FLOAT32, false);
            block.initialize(manager, DataType.FLOAT32, x.getShape());
            NDArray given = block.forward(new ParameterStore(manager, false), new NDList(x), false)
                    .singletonOrThrow();
            assertThat(given.getShape().dimension()).isEqualTo(2);
            assertThat(given.getShape()).isEqualTo(block.getOutputShapes(new Shape[] {x.getShape()})[0]);
            return given.toFloatArray();
        }
    }

    @Test
    void everyPoolingGivesTheMeansItPromises() {
        assertThat(pooled("gap", new Shape(2, 2, 2))).containsExactly(1.5f, 5.5f);
        assertThat(pooled("mean", new Shape(2, 3))).containsExactly(1, 4);
        assertThat(pooled("cls", new Shape(2, 3))).containsExactly(0, 3);
        assertThat(pooled("2x2", new Shape(1, 2, 2))).containsExactly(0, 1, 2, 3);
        assertThat(pooled("2x2", new Shape(1, 4, 4))).containsExactly(2.5f, 4.5f, 10.5f, 12.5f);
        assertThat(pooled("2x2", new Shape(1, 3, 3))).containsExactly(2, 3, 5, 6);
        assertThat(pooled("2x2", new Shape(1, 1, 1))).containsExactly(0);
        assertThat(pooled("4x4", new Shape(1, 8, 8)))
                .hasSize(16)
                .startsWith(4.5f, 6.5f)
                .endsWith(58.5f);
        assertThat(pooled("4x4", new Shape(1, 5, 5)))
                .hasSize(16)
                .startsWith(3, 4)
                .endsWith(21);
        assertThat(pooled("4x4", new Shape(1, 2, 2))).containsExactly(0, 1, 2, 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"cls | tokens", "2x2 | maps"})
    void aPoolingForAnotherKindOfActivationIsRefused(String word, String wanted) {
        assertThatThrownBy(() -> Pooling.of(word).addTo(new SequentialBlock(), 3, new Shape(7)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("pool " + word + " takes " + wanted)
                .hasMessageContaining("exit 3 has the shape (7)");
    }

    @Test
    void anUnknownPoolingIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> Pooling.of("max"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool is 'max'; allowed are gap, mean, 2x2, 4x4, cls");
    }
}
