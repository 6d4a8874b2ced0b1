package org.offramp.e2cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WhiteningTest {
    /** By hand: Σ = [[4, 2], [2, 2]], Σ⁻¹ = [[0.5, −0.5], [−0.5, 1]], (1, 3) Σ⁻¹ (1, 3)ᵀ = 0.5 − 3 + 9. */
    @Test
    void theLengthOfAWhitenedVectorIsItsMahalanobisLength() {
        Whitening whitening = Whitening.full(new double[][] {{4, 2}, {2, 2}}, 1e-9);
        float[] x = whitening.of(new float[] {1, 3});
        assertThat(x[0] * x[0] + x[1] * x[1]).isCloseTo(6.5f, within(1e-4f));
    }

    /** α = ½: S = ½ Σ + ½ · 3 I. */
    @Test
    void shrinkageMovesTheCovarianceTowardsItsMeanVariance() {
        float[] diagonal = Whitening.diagonal(new double[] {4, 2}, 0.5).values();
        assertThat(diagonal[0]).isCloseTo((float) (1 / Math.sqrt(3.5)), within(1e-6f));
        assertThat(diagonal[1]).isCloseTo((float) (1 / Math.sqrt(2.5)), within(1e-6f));
        float[] alone = Whitening.full(new double[][] {{4, 2}, {2, 2}}, 1).values();
        assertThat(alone)
                .containsExactly(
                        new float[] {(float) (1 / Math.sqrt(3)), 0, 0, (float) (1 / Math.sqrt(3))}, within(1e-6f));
    }

    @Test
    void whereNothingVariesNothingIsDividedByZero() {
        assertThat(Whitening.diagonal(new double[3], 0.1).values()).doesNotContain(Float.POSITIVE_INFINITY);
        assertThat(Whitening.full(new double[3][3], 0.1).of(new float[] {1, 2, 3}))
                .doesNotContain(Float.NaN);
    }

    /** In batches of which some hold one group alone, and with an offset that is large beside what varies. */
    @Test
    void whitenedSamplesHaveTheIdentityAsTheirCovariance() {
        SplittableRandom random = new SplittableRandom(1);
        int rows = 2_000;
        int width = 4;
        float[] values = new float[rows * width];
        int[] groups = new int[rows];
        double[][] means = {{1005, 1005, 1005, 1005}, {995, 995, 995, 995}};
        double[][] measured = new double[2][width];
        for (int row = 0; row < rows; row++) {
            groups[row] = row < 300 ? 0 : row % 2;
            double common = random.nextGaussian();
            for (int j = 0; j < width; j++) {
                values[row * width + j] =
                        (float) (means[groups[row]][j] + common * (j + 1) + 0.5 * random.nextGaussian());
                measured[groups[row]][j] += values[row * width + j] / (groups[row] == 0 ? 1_150.0 : 850.0);
            }
        }
        try (NDManager manager = NDManager.newBaseManager();
                NDArray vectors = manager.create(values, new Shape(rows, width))) {
            WithinClass sums = new WithinClass(Covariance.FULL, 2, width);
            for (int from = 0; from < rows; from += 250) {
                sums.add(
                        vectors.get(new NDIndex(from + ":" + (from + 250))),
                        Arrays.copyOfRange(groups, from, from + 250));
            }
            Whitening whitening = sums.whitening(1e-9);
            double[][] covariance = new double[width][width];
            for (int row = 0; row < rows; row++) {
                float[] about = new float[width];
                for (int j = 0; j < width; j++) {
                    about[j] = (float) (values[row * width + j] - measured[groups[row]][j]);
                }
                float[] white = whitening.of(about);
                for (int i = 0; i < width; i++) {
                    for (int j = 0; j < width; j++) {
                        covariance[i][j] += white[i] * (double) white[j] / rows;
                    }
                }
            }
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    assertThat(covariance[i][j]).isCloseTo(i == j ? 1 : 0, within(1e-3));
                }
            }
        }
    }
}
