package org.offramp.api;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PerturbationsTest {
    private static final Shape SHAPE = new Shape(2, 20, 20);

    private static float[] dropped(double probability) {
        float[] sample = new float[800];
        Arrays.fill(sample, 1);
        Perturbations.drop(probability).apply(sample, SHAPE, new SplittableRandom(1));
        return sample;
    }

    @Test
    void aDroppedPixelIsGoneInAllChannels() {
        float[] sample = dropped(0.25);
        assertThat(Arrays.copyOfRange(sample, 0, 400)).isEqualTo(Arrays.copyOfRange(sample, 400, 800));
        int left = 0;
        for (float value : sample) {
            left += (int) value;
        }
        assertThat(left).isBetween(2 * 270, 2 * 330);
    }

    @Test
    void noneAndAllCanBeDropped() {
        assertThat(dropped(0)).containsOnly(1);
        assertThat(dropped(1)).containsOnly(0);
    }
}
