package org.offramp.e2cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClassMeansTest {
    /** Vectors around a common offset. */
    private static float[] vectors(int rows, int width, float offset, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (offset + random.nextDouble(-1, 1));
        }
        return values;
    }

    private static RunningMeans means(NDManager manager, float[] values, int width, int[] groups, int batch, int k) {
        RunningMeans means = new RunningMeans(k, width);
        for (int from = 0; from < groups.length; from += batch) {
            int to = Math.min(groups.length, from + batch);
            try (NDArray part =
                    manager.create(Arrays.copyOfRange(values, from * width, to * width), new Shape(to - from, width))) {
                means.add(part, Arrays.copyOfRange(groups, from, to));
            }
        }
        return means;
    }

    private static float[][] distances(NDManager manager, RunningMeans means, float[] values, int width, int k) {
        float[] ones = new float[k];
        Arrays.fill(ones, 1);
        ClassMeans head = new ClassMeans(Pooling.NONE, means.center(), Whitening.NONE, means.centered(), ones);
        int rows = values.length / width;
        head.initialize(manager, DataType.FLOAT32, new Shape(rows, width));
        NDArray given = head.forward(
                        new ParameterStore(manager, false),
                        new NDList(manager.create(values, new Shape(rows, width))),
                        false)
                .singletonOrThrow();
        float[] flat = given.toFloatArray();
        float[][] result = new float[rows][];
        for (int row = 0; row < rows; row++) {
            result[row] = Arrays.copyOfRange(flat, row * k, (row + 1) * k);
        }
        return result;
    }

    private static int[] groups(int rows, int k) {
        int[] groups = new int[rows];
        Arrays.setAll(groups, row -> row % k);
        return groups;
    }

    @Test
    void meansThatComeBatchByBatchAreThoseOfAllSamplesFarFromZeroToo() {
        int width = 5;
        int[] groups = groups(1_000, 3);
        float[] values = vectors(1_000, width, 1e6f, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, groups, 7, 3);
            assertThat(means.counts()).containsExactly(334, 333, 333);
            float[][] centered = means.centered();
            for (int k = 0; k < 3; k++) {
                for (int j = 0; j < width; j++) {
                    double sum = 0;
                    for (int row = k; row < 1_000; row += 3) {
                        sum += values[row * width + j];
                    }
                    assertThat(centered[k][j] + (double) means.center()[j])
                            .isCloseTo(sum / means.counts()[k], within(1e-6));
                }
            }
        }
    }

    @Test
    void batchesLargerThanTheBoundedPartAreTakenInPieces() {
        int width = 3_000_000;
        float[] values = new float[5 * width];
        for (int row = 0; row < 5; row++) {
            Arrays.fill(values, row * width, (row + 1) * width, row);
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, new int[] {0, 1, 0, 1, 1}, 5, 2);
            assertThat(means.center()[width - 1]).isEqualTo(2f);
            assertThat(means.centered()[0][17]).isEqualTo(-1f);
            assertThat(means.centered()[1][width - 1]).isCloseTo(2 / 3f, within(1e-6f));
        }
    }

    @Test
    void distancesAreExactWhereSamplesAndMeansNearlyCoincideFarFromZero() {
        int width = 64;
        int k = 4;
        int[] groups = groups(400, k);
        float[] values = vectors(400, width, 1_000, 2);
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, groups, 100, k);
            float[][] found = distances(manager, means, values, width, k);
            for (int row = 0; row < 400; row++) {
                for (int c = 0; c < k; c++) {
                    double square = 0;
                    for (int j = 0; j < width; j++) {
                        square += Math.pow(
                                values[row * width + j] - (double) means.center()[j] - means.centered()[c][j], 2);
                    }
                    assertThat((double) found[row][c]).isCloseTo(Math.sqrt(square), within(1e-4));
                }
            }
        }
    }

    @Test
    void theOnlySampleOfAClassLiesOnItsMean() {
        int width = 16;
        float[] values = vectors(9, width, 50, 3);
        int[] groups = {0, 1, 1, 1, 1, 1, 1, 1, 1};
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, groups, 4, 2);
            float[][] found = distances(manager, means, values, width, 2);
            float others = found[1][0];
            assertThat(found[0][0]).isLessThan(2e-3f * others);
        }
    }

    @Test
    void equalSamplesHaveDistanceZero() {
        int width = 8;
        float[] values = new float[6 * width];
        Arrays.fill(values, 3.7f);
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, groups(6, 2), 6, 2);
            for (float[] row : distances(manager, means, values, width, 2)) {
                assertThat(row).containsExactly(0f, 0f);
            }
        }
    }

    @Test
    void seventySevenClassesAreKeptApart() {
        int width = 12;
        int k = 77;
        float[] values = vectors(2 * k, width, 0, 4);
        int[] groups = groups(2 * k, k);
        try (NDManager manager = NDManager.newBaseManager()) {
            RunningMeans means = means(manager, values, width, groups, 50, k);
            float[][] found = distances(manager, means, values, width, k);
            double half = 0;
            for (int j = 0; j < width; j++) {
                half += Math.pow((values[5 * width + j] - values[(5 + k) * width + j]) / 2.0, 2);
            }
            assertThat((double) found[5][5]).isCloseTo(Math.sqrt(half), within(1e-5));
        }
    }
}
