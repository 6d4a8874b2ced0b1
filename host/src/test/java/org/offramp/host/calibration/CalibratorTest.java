package org.offramp.host.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibratorTest {
    private static Thresholds choose(ScoredTrace trace, Goal goal, Search.Method method) {
        return new Calibrator(trace, Search.of(method)).choose(goal);
    }

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
        Thresholds thresholds = choose(half(), new Goal.MaxAccuracyDrop(0), Search.Method.GLOBAL);
        assertThat(thresholds.values()).containsExactly(0.8f);
        assertThat(thresholds.accuracy()).isEqualTo(1);
        assertThat(thresholds.meanMacs()).isEqualTo(55);
    }

    @Test
    void aBudgetBuysTheMostAccuracyItCan() {
        Thresholds thresholds = choose(half(), new Goal.MaxMacs(0.4), Search.Method.GLOBAL);
        assertThat(thresholds.values()).containsExactly(0.7f);
        assertThat(thresholds.accuracy()).isEqualTo(0.75);
        assertThat(thresholds.reachable()).isTrue();
    }

    @Test
    void aBudgetBelowTheFirstExitIsOutOfReachAndTheCheapestIsGiven() {
        Thresholds thresholds = choose(half(), new Goal.MaxMacs(0.05), Search.Method.GLOBAL);
        assertThat(thresholds.reachable()).isFalse();
        assertThat(thresholds.meanMacs()).isEqualTo(10);
    }

    @Test
    void theSharedThresholdIsTheBestOfAllObservedScores() {
        ScoredTrace trace = random(1, 4, 300);
        Goal goal = new Goal.MaxAccuracyDrop(0.02);
        Thresholds found = choose(trace, goal, Search.Method.GLOBAL);
        double best = Double.MAX_VALUE;
        for (int step = 0; step <= 21; step++) {
            double threshold = step == 21 ? Double.POSITIVE_INFINITY : (float) step / 20;
            Thresholds given = choose(trace, new Goal.Given(new double[] {threshold}), Search.Method.GLOBAL);
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
            Thresholds shared = choose(trace, goal, Search.Method.GLOBAL);
            Thresholds each = choose(trace, goal, Search.Method.PER_EXIT);
            assertThat(each.reachable()).isTrue();
            assertThat(each.meanMacs()).isLessThanOrEqualTo(shared.meanMacs());
        }
    }

    @Test
    void aListOfTheWrongLengthIsRefused() {
        assertThatThrownBy(() -> choose(half(), new Goal.Given(new double[] {1, 2, 3}), Search.Method.GLOBAL))
                .hasMessage("calibrate.threshold: 3 thresholds for 1 early exits; give one, or one each");
    }

    /** All choices of observed thresholds of two early exits. */
    private static double leastMacs(ScoredTrace trace, Goal goal) {
        double best = Double.MAX_VALUE;
        for (int one = 0; one <= 21; one++) {
            for (int two = 0; two <= 21; two++) {
                double[] values = {at(one), at(two)};
                Thresholds given = choose(trace, new Goal.Given(values), Search.Method.GLOBAL);
                if (given.accuracy() >= given.lastExitAccuracy() - ((Goal.MaxAccuracyDrop) goal).drop() - 1e-12) {
                    best = Math.min(best, given.meanMacs());
                }
            }
        }
        return best;
    }

    private static double at(int step) {
        return step == 21 ? Double.POSITIVE_INFINITY : (float) step / 20;
    }

    @Test
    void dynamicProgrammingIsNeverWorseThanAscentAndNearTheBestThereIs() {
        double ascended = 0;
        double found = 0;
        double least = 0;
        for (long seed = 0; seed < 20; seed++) {
            ScoredTrace trace = random(seed, 3, 120);
            Goal goal = new Goal.MaxAccuracyDrop(0.02);
            double ascent = choose(trace, goal, Search.Method.PER_EXIT).meanMacs();
            Thresholds dynamic = choose(trace, goal, Search.Method.DYNAMIC);
            assertThat(dynamic.reachable()).isTrue();
            assertThat(dynamic.meanMacs()).isLessThanOrEqualTo(ascent);
            ascended += ascent;
            found += dynamic.meanMacs();
            least += leastMacs(trace, goal);
        }
        assertThat(found).isLessThan(ascended).isLessThan(1.02 * least);
    }

    @Test
    void aBudgetIsNeverOverdrawnBySearchPerExit() {
        for (Search.Method method : Search.Method.values()) {
            ScoredTrace trace = random(3, 6, 500);
            Thresholds thresholds = choose(trace, new Goal.MaxMacs(0.5), method);
            assertThat(thresholds.reachable()).as(method.toString()).isTrue();
            assertThat(thresholds.meanMacs()).as(method.toString()).isLessThanOrEqualTo(30);
            Thresholds again = choose(trace, new Goal.Given(thresholds.values()), method);
            assertThat(again.meanMacs()).as(method.toString()).isEqualTo(thresholds.meanMacs());
            assertThat(again.accuracy()).as(method.toString()).isEqualTo(thresholds.accuracy());
        }
    }

    @Test
    void everyRandomDrawIsJudgedAsItIsOneByOne() {
        for (Search.Window window : Search.Window.values()) {
            SortedTrace trace = new SortedTrace(random(5, 7, 1_100));
            RandomDraws draws = new RandomDraws(trace, new Search(Search.Method.RANDOM_HULL, 300, window, 9));
            draws.judge();
            for (int draw = 0; draw < 300; draw++) {
                Frontier.Point point = draws.point(draw);
                assertThat(point.outcome()).isEqualTo(trace.outcome(point.thresholds()));
            }
        }
    }

    @Test
    void theHullLiesAboveEveryDrawAndTurnsRightAtEveryCorner() {
        SortedTrace trace = new SortedTrace(random(5, 7, 700));
        Search search = new Search(Search.Method.RANDOM_HULL, 400, Search.Window.UNIT, 2);
        List<Frontier.Point> corners = RandomDraws.hull(trace, search).points();
        for (int i = 2; i < corners.size(); i++) {
            assertThat(slope(corners.get(i - 1), corners.get(i)))
                    .isLessThan(slope(corners.get(i - 2), corners.get(i - 1)));
        }
        RandomDraws draws = new RandomDraws(trace, search);
        draws.judge();
        for (int draw = 0; draw < 400; draw++) {
            Outcome outcome = draws.point(draw).outcome();
            assertThat(height(corners, outcome.macs())).isGreaterThanOrEqualTo(outcome.correct() - 1e-6);
        }
    }

    private static double slope(Frontier.Point left, Frontier.Point right) {
        return (right.outcome().correct() - left.outcome().correct())
                / (double) (right.outcome().macs() - left.outcome().macs());
    }

    private static double height(List<Frontier.Point> corners, long macs) {
        for (int i = 1; i < corners.size(); i++) {
            if (macs <= corners.get(i).outcome().macs()) {
                Outcome left = corners.get(i - 1).outcome();
                return left.correct() + slope(corners.get(i - 1), corners.get(i)) * (macs - left.macs());
            }
        }
        return corners.get(corners.size() - 1).outcome().correct();
    }

    @Test
    void theSameSeedDrawsTheSameThresholds() {
        ScoredTrace trace = random(6, 5, 400);
        Search search = new Search(Search.Method.RANDOM_HULL, 200, Search.Window.UNIT, 4);
        Goal goal = new Goal.MaxMacs(0.6);
        assertThat(new Calibrator(trace, search).choose(goal).values())
                .isEqualTo(new Calibrator(trace, search).choose(goal).values())
                .isNotEqualTo(new Calibrator(trace, new Search(Search.Method.RANDOM_HULL, 200, Search.Window.UNIT, 5))
                        .choose(goal)
                        .values());
    }

    @Test
    void negativeScoresAndZerosAreOrdered() {
        float[] scores = {-0f, 3, -2, 0f, -7, Float.MIN_VALUE};
        assertThat(SortedTrace.descending(scores)).containsExactly(1, 5, 0, 3, 2, 4);
    }

    @Test
    void noSampleToCalibrateOnIsRefused() {
        ScoredTrace none = new ScoredTrace(new int[0], new float[2][0], new int[2][0], new long[] {1, 2}, 2);
        assertThatThrownBy(() -> choose(none, new Goal.MaxMacs(0.5), Search.Method.GLOBAL))
                .hasMessageContaining("no calibration sample");
    }
}
