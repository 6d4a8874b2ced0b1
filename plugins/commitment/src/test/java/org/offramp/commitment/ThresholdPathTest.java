package org.offramp.commitment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two thresholds calibrated together as one staircase. */
class ThresholdPathTest {
    private static final int SIZE = 4_000;
    private final double[] confidence = new double[SIZE];
    private final double[] gate = new double[SIZE];
    private final boolean[] right = new boolean[SIZE];

    ThresholdPathTest() {
        Random random = new Random(3);
        for (int i = 0; i < SIZE; i++) {
            confidence[i] = random.nextDouble();
            gate[i] = random.nextDouble();
            right[i] = random.nextDouble() < confidence[i] * gate[i];
        }
    }

    /** Σ of the errors met so far over the samples, in descending order of a score. */
    private double area(double[] scores) {
        int[] order = IntStream.range(0, SIZE)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double area = 0;
        int errors = 0;
        for (int sample : order) {
            errors += right[sample] ? 0 : 1;
            area += errors;
        }
        return area;
    }

    @Test
    void theStaircaseMeetsFewerErrorsThanEitherThresholdAlone() {
        ThresholdPath path = ThresholdPath.fit(confidence, gate, right);
        double[] scores = new double[SIZE];
        Arrays.setAll(scores, i -> path.score(confidence[i], gate[i]));
        assertThat(area(scores)).isLessThan(0.97 * area(confidence)).isLessThan(0.97 * area(gate));
    }

    @Test
    void thresholdsDescendTogetherAndEverybodyLeavesAtTheEnd() {
        ThresholdPath path = ThresholdPath.fit(confidence, gate, right);
        for (int step = 1; step < path.gate().length; step++) {
            assertThat(path.gate()[step]).isLessThanOrEqualTo(path.gate()[step - 1]);
            assertThat(path.confidence()[step]).isLessThanOrEqualTo(path.confidence()[step - 1]);
        }
        assertThat(path.score(-1, -1)).isPositive();
        assertThat(path.score(1, 1)).isGreaterThan(0.8);
    }

    @Test
    void aScoreIsTheAccuracyOfTheSamplesThatHaveIt() {
        ThresholdPath path = ThresholdPath.fit(confidence, gate, right);
        double above = 0;
        int samples = 0;
        for (int i = 0; i < SIZE; i++) {
            double score = path.score(confidence[i], gate[i]);
            if (score > 0.4 && score < 0.6) {
                above += right[i] ? 1 : 0;
                samples++;
            }
        }
        assertThat(samples).isGreaterThan(100);
        assertThat(above / samples).isBetween(0.4, 0.6);
    }

    @Test
    void aScoreNeverFallsWhereConfidenceOrGateRises() {
        ThresholdPath path = ThresholdPath.fit(confidence, gate, right);
        for (double sure = 0; sure < 0.95; sure += 0.05) {
            for (double committed = 0; committed < 0.95; committed += 0.05) {
                double score = path.score(sure, committed);
                assertThat(path.score(sure + 0.05, committed)).isGreaterThanOrEqualTo(score);
                assertThat(path.score(sure, committed + 0.05)).isGreaterThanOrEqualTo(score);
            }
        }
    }

    @Test
    void samplesThatAreAllAlikeOrNoneGiveAStaircaseToo() {
        double[] same = new double[7];
        Arrays.fill(same, 0.5);
        ThresholdPath path = ThresholdPath.fit(same, same, new boolean[7]);
        assertThat(path.score(0.4, 0.5)).isLessThan(path.score(0.5, 0.5));
        ThresholdPath nothing = ThresholdPath.fit(new double[0], new double[0], new boolean[0]);
        assertThat(nothing.score(0.1, 0.1)).isBetween(0.0, 1.0);
    }
}
