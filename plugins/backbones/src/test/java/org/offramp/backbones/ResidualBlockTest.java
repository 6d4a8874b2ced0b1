package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidualBlockTest {
    @ParameterizedTest
    @CsvSource({"1, 8, 8", "3, 7, 9", "2, 1, 1"})
    void theShortcutIsEverySecondPixelAndZerosForTheNewChannels(int batch, int height, int width) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomNormal(new Shape(batch, 4, height, width));
            NDArray sampled = x.get(":, :, ::2, ::2");
            long channels = sampled.getShape().get(1);
            Shape half = new Shape(
                    sampled.getShape().get(0),
                    channels / 2,
                    sampled.getShape().get(2),
                    sampled.getShape().get(3));
            NDArray zeros = manager.zeros(half);
            // As published weights expect it: half of the new channels before, half after.
            NDArray wanted = zeros.concat(sampled, 1).concat(zeros, 1);
            NDArray shortcut = ResidualBlock.subsample(x);
            assertThat(shortcut.getShape()).isEqualTo(wanted.getShape());
            assertThat(shortcut.sub(wanted).abs().max().getFloat()).isZero();
        }
    }
}
