package org.offramp.host.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibratorTest {
    /** Two exits, the first right for the surer half. */
    private static ScoredTrace half() {
        return new ScoredTrace(
                new int[] {0, 0, 0, 0},
                new float[][] {{0.9f, 0.8f, 0.7f, 0.6f}, {1, 1, 1, 1}},
                new int[][] {{0, 0, 1, 1}, {0, 0, 0, 0}},
                new long[] {10, 100},
                100);
    }

    private static ScoredTrace random(long seed, int exits, int size) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] scores = new float[exits][size];
        int[][] predictions = new int[exits][size];
        long[] macs = new long[exits];
        for (int exit = 0; exit < exits; exit++) {
            macs[exit] = 10L * (exit + 1);
            for (int i = 0; i < size; i++) {
                double quality = random.nextDouble();
                scores[exit][i] = (float) Math.round(20 * quality) / 20;
                predictions[exit][i] = random.nextDouble() < 0.5 + 0.4 * quality + 0.02 * exit ? 0 : 1;
            }
        }
        return new ScoredTrace(new int[size], scores, predictions, macs, 10L * exits);
    }

    @Test
    void noDropLeavesExactlyTheSamplesThatAreRightEarly() {
        Thresholds thresholds = Calibrator.calibrate(half(), new Goal.MaxAccuracyDrop(0), false);
        assertThat(thresholds.values()).containsExactly(0.8f);
        assertThat(thresholds.accuracy()).isEqualTo(1);
        assertThat(thresholds.meanMacs()).isEqualTo(55);
    }

    @Test
    void aBudgetBuysTheMostAccuracyItCan() {
        Thresholds thresholds = Calibrator.calibrate(half(), new Goal.MaxMacs(0.4), false);
        assertThat(thresholds.values()).containsExactly(0.7f);
        assertThat(thresholds.accuracy()).isEqualTo(0.75);
        assertThat(thresholds.reachable()).isTrue();
    }

    @Test
    void aBudgetBelowTheFirstExitIsOutOfReachAndTheCheapestIsGiven() {
        Thresholds thresholds = Calibrator.calibrate(half(), new Goal.MaxMacs(0.05), false);
        assertThat(thresholds.reachable()).isFalse();
        assertThat(thresholds.meanMacs()).isEqualTo(10);
    }

    @Test
    void theSharedThresholdIsTheBestOfAllObservedScores() {
        ScoredTrace trace = random(1, 4, 300);
        Goal goal = new Goal.MaxAccuracyDrop(0.02);
        Thresholds found = Calibrator.calibrate(trace, goal, false);
        double best = Double.MAX_VALUE;
        for (int step = 0; step <= 21; step++) {
            double threshold = step == 21 ? Double.POSITIVE_INFINITY : (float) step / 20;
            Thresholds given = Calibrator.calibrate(trace, new Goal.Given(new double[] {threshold}), false);
            if (given.accuracy() >= given.lastExitAccuracy() - 0.02 - 1e-12) {
                best = Math.min(best, given.meanMacs());
            }
        }
        assertThat(found.meanMacs()).isEqualTo(best);
    }

    @Test
    void oneThresholdPerExitIsNeverWorseThanASharedOne() {
        for (long seed = 0; seed < 20; seed++) {
            ScoredTrace trace = random(seed, 5, 200);
            Goal goal = new Goal.MaxAccuracyDrop(0.03);
            Thresholds shared = Calibrator.calibrate(trace, goal, false);
            Thresholds each = Calibrator.calibrate(trace, goal, true);
            assertThat(each.reachable()).isTrue();
            assertThat(each.meanMacs()).isLessThanOrEqualTo(shared.meanMacs());
        }
    }

    @Test
    void aListOfTheWrongLengthIsRefused() {
        assertThatThrownBy(() -> Calibrator.calibrate(half(), new Goal.Given(new double[] {1, 2, 3}), false))
                .hasMessage("calibrate.threshold: 3 thresholds for 1 early exits; give one, or one each");
    }
}
