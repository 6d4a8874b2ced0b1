package org.offramp.e2cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.offramp.api.FloatMatrix;

class SharpnessTest {
    @Test
    void theBetaThatMadeTheLabelsIsFoundAgain() {
        SplittableRandom random = new SplittableRandom(1);
        int rows = 20_000;
        float[] distances = new float[rows * 3];
        int[] labels = new int[rows];
        for (int row = 0; row < rows; row++) {
            double[] weights = new double[3];
            for (int k = 0; k < 3; k++) {
                distances[row * 3 + k] = (float) (0.8 + 0.4 * random.nextDouble());
                weights[k] = Math.exp(-12.0 * distances[row * 3 + k]);
            }
            double place = random.nextDouble() * (weights[0] + weights[1] + weights[2]);
            labels[row] = place < weights[0] ? 0 : place < weights[0] + weights[1] ? 1 : 2;
        }
        assertThat(Sharpness.fit(FloatMatrix.wrap(distances, rows, 3), labels)).isCloseTo(12, within(0.8));
    }

    @Test
    void labelsThatDistancesSayNothingOfGiveTheLeastBeta() {
        FloatMatrix equal = FloatMatrix.wrap(new float[] {1, 1.5f, 1, 1.5f}, 2, 2);
        assertThat(Sharpness.fit(equal, new int[] {1, 1})).isCloseTo(0.1, within(0.01));
    }
}
