package org.offramp.quicknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Backbone;
import org.offramp.api.PRelu;
import org.offramp.api.Stage;

class QuickNetTest {
    private static QuickNetBackbone.Config config(double width, int pools, PRelu.Slopes slopes) {
        return new QuickNetBackbone.Config(width, pools, slopes, QuickNetBackbone.FirstLayer.SEPARABLE, 0.5);
    }

    @ParameterizedTest
    @CsvSource({"ELEMENT, 3557541", "CHANNEL, 3472581"})
    void theParametersAreAsManyAsThePaperSays(PRelu.Slopes slopes, long expected) {
        Backbone backbone = new QuickNetBackbone().create(config(1, 5, slopes), new Shape(3, 32, 32), 10);
        assertThat(backbone.stages()).hasSize(6);
        try (NDManager manager = NDManager.newBaseManager()) {
            Shape shape = new Shape(1, 3, 32, 32);
            long count = 0;
            for (Stage stage : backbone.stages()) {
                stage.block().initialize(manager, DataType.FLOAT32, shape);
                count += stage.block().getParameters().values().stream()
                        .mapToLong(parameter -> parameter.getArray().getShape().size())
                        .sum();
                shape = stage.block().getOutputShapes(new Shape[] {shape})[0];
            }
            assertThat(count).isEqualTo(expected);
            assertThat(shape).isEqualTo(new Shape(1, 10));
        }
    }

    @Test
    void preluIsItsFormulaAndItsGradient() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block prelu = new PRelu(PRelu.Slopes.CHANNEL);
            Shape shape = new Shape(1, 2, 1, 2);
            prelu.initialize(manager, DataType.FLOAT32, shape);
            NDArray x = manager.create(new float[] {3, -4, -8, 2}, shape);
            x.setRequiresGradient(true);
            NDArray slopes = prelu.getParameters().get("alpha").getArray();
            slopes.setRequiresGradient(true);
            NDArray y;
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                y = prelu.forward(new ParameterStore(manager, false), new NDList(x), true)
                        .singletonOrThrow();
                collector.backward(y.sum());
            }
            assertThat(y.toFloatArray()).containsExactly(new float[] {3, -1, -2, 2}, within(1e-6f));
            assertThat(x.getGradient().toFloatArray()).containsExactly(new float[] {1, 0.25f, 0.25f, 1}, within(1e-6f));
            assertThat(slopes.getGradient().toFloatArray()).containsExactly(new float[] {-4, -8}, within(1e-6f));
        }
    }

    @Test
    void keysOutOfRangeAndOtherSamplesAreRefused() {
        assertThatThrownBy(() -> config(1, 2, PRelu.Slopes.CHANNEL)).hasMessageContaining("pools 2");
        assertThatThrownBy(() -> new QuickNetBackbone().create(config(1, 5, PRelu.Slopes.CHANNEL), new Shape(6, 50), 3))
                .hasMessageContaining("needs images");
    }
}
