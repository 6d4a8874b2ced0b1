package org.offramp.host.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Thresholds that keep a bound for samples to come, on samples whose true loss is known. */
class RiskControlTest {
    private static final double DROP = 0.02;

    /** One early exit, right with probability 0.5 + 0.45 s at score s of U(0, 1); the last exit right with probability 0.8, independently. */
    private static ScoredTrace draw(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] labels = new int[size];
        float[][] scores = new float[2][size];
        int[][] predictions = new int[2][size];
        for (int i = 0; i < size; i++) {
            scores[0][i] = (float) random.nextDouble();
            predictions[0][i] = random.nextDouble() < 0.5 + 0.45 * scores[0][i] ? 0 : 1;
            predictions[1][i] = random.nextDouble() < 0.8 ? 0 : 1;
        }
        return new ScoredTrace(labels, scores, predictions, new long[] {10, 100}, 100);
    }

    /** ∫ 0.8 − (0.5 + 0.45 s) ds from the threshold to 1. */
    private static double loss(double threshold) {
        double t = Math.min(1, threshold);
        return 0.3 * (1 - t) - 0.225 * (1 - t * t);
    }

    private static double missed(Goal goal) {
        int missed = 0;
        for (int run = 0; run < 300; run++) {
            Thresholds chosen = new Calibrator(draw(1000, run), Search.of(Search.Method.GLOBAL)).choose(goal);
            missed += loss(chosen.values()[0]) > DROP ? 1 : 0;
        }
        return missed / 300.0;
    }

    @Test
    void theBoundIsMissedAsRarelyAsWasAskedFor() {
        assertThat(missed(new Goal.MaxAccuracyDrop(DROP))).isBetween(0.4, 0.7);
        assertThat(missed(new Goal.MaxAccuracyDrop(DROP, 0.8))).isLessThan(0.2);
        assertThat(missed(new Goal.MaxAccuracyDrop(DROP, 0.95))).isLessThan(0.05);
    }

    @Test
    void withSamplesEnoughItIsNotTimid() {
        Goal sure = new Goal.MaxAccuracyDrop(DROP, 0.95);
        Thresholds chosen = new Calibrator(draw(50_000, 1), Search.of(Search.Method.GLOBAL)).choose(sure);
        assertThat(loss(chosen.values()[0])).isBetween(0.01, DROP);
        assertThat(chosen.reachable()).isTrue();
    }

    @Test
    void withTooFewSamplesNobodyLeaves() {
        Thresholds chosen = new Calibrator(draw(50, 1), Search.of(Search.Method.GLOBAL))
                .choose(new Goal.MaxAccuracyDrop(0.01, 0.95));
        assertThat(chosen.values()).containsExactly(Double.POSITIVE_INFINITY);
        assertThat(chosen.meanMacs()).isEqualTo(100);
        assertThat(chosen.accuracy()).isEqualTo(chosen.lastExitAccuracy());
    }

    @Test
    void anOrderByClassChangesNothing() {
        ScoredTrace mixed = draw(2000, 3);
        int[] order = java.util.stream.IntStream.range(0, 2000)
                .boxed()
                .sorted(java.util.Comparator.comparingInt(i -> mixed.predictions()[0][i]))
                .mapToInt(Integer::intValue)
                .toArray();
        float[][] scores = new float[2][2000];
        int[][] predictions = new int[2][2000];
        for (int i = 0; i < 2000; i++) {
            scores[0][i] = mixed.scores()[0][order[i]];
            predictions[0][i] = mixed.predictions()[0][order[i]];
            predictions[1][i] = mixed.predictions()[1][order[i]];
        }
        ScoredTrace ordered = new ScoredTrace(new int[2000], scores, predictions, new long[] {10, 100}, 100);
        Goal sure = new Goal.MaxAccuracyDrop(0.05, 0.95);
        double one = new Calibrator(mixed, Search.of(Search.Method.GLOBAL))
                .choose(sure)
                .values()[0];
        double other = new Calibrator(ordered, Search.of(Search.Method.GLOBAL))
                .choose(sure)
                .values()[0];
        assertThat(Math.abs(one - other)).isLessThan(0.2);
    }

    @Test
    void thresholdsPerExitAreRefused() {
        Calibrator calibrator = new Calibrator(draw(100, 1), Search.of(Search.Method.PER_EXIT));
        assertThatThrownBy(() -> calibrator.choose(new Goal.MaxAccuracyDrop(0.01, 0.95)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("calibrate.confidence: only with search: global");
        assertThatThrownBy(() -> new Goal.MaxAccuracyDrop(0.01, 1))
                .hasMessageContaining("confidence 1.0 is out of range; allowed: 0.5 to below 1");
    }
}
