package org.offramp.host.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every expected number is worked out by hand, or by a second way of computing it. */
class FiguresTest {
    /** Answers of class 0 or 1 to samples of class 0. */
    private static LabelledAnswers answers(boolean[] right, float... scores) {
        int[] predictions = new int[right.length];
        float[] truth = new float[right.length];
        float[] brier = new float[right.length];
        for (int i = 0; i < right.length; i++) {
            predictions[i] = right[i] ? 0 : 1;
            truth[i] = right[i] ? scores[i] : 1 - scores[i];
            brier[i] = 2 * (1 - truth[i]) * (1 - truth[i]);
        }
        return new LabelledAnswers(new int[right.length], predictions, scores, scores, truth, brier);
    }

    private static final LabelledAnswers FOUR =
            answers(new boolean[] {true, true, false, true}, 0.95f, 0.75f, 0.65f, 0.62f);

    @Test
    void accuracyConfidenceAndWhatLiesBetween() {
        Figures figures = Figures.of(FOUR);
        assertThat(figures.samples()).isEqualTo(4);
        assertThat(figures.accuracy()).isEqualTo(0.75);
        assertThat(figures.confidence()).isCloseTo(0.7425, within(1e-6));
        assertThat(figures.overConfidence()).isCloseTo(-0.0075, within(1e-6));
    }

    @Test
    void theCalibrationErrorWeighsTheBinsOfAFifteenthByTheirSamples() {
        // 0.95 alone in (14/15, 1], 0.75 in (11/15, 12/15], 0.65 and 0.62 together in (9/15, 10/15].
        double expected = (0.05 + 0.25 + 2 * Math.abs(0.5 - 0.635)) / 4;
        assertThat(Figures.of(FOUR).ece()).isCloseTo(expected, within(1e-6));
        assertThat(Figures.of(FOUR).reliability().get(9).samples()).isEqualTo(2);
        assertThat(Figures.of(FOUR).reliability().get(14).samples()).isEqualTo(1);
    }

    @Test
    void aConfidenceOnTheEdgeOfABinBelongsToTheLowerOne() {
        Figures figures = Figures.of(answers(new boolean[] {true, true, true}, 0f, 0.2f, 1f));
        assertThat(figures.reliability().get(0).samples()).isEqualTo(1);
        assertThat(figures.reliability().get(2).samples()).isEqualTo(1);
        assertThat(figures.reliability().get(14).samples()).isEqualTo(1);
    }

    @Test
    void theAreaUnderTheRocCurveCountsOrderedPairs() {
        // Of the three pairs (right, wrong), 0.95 and 0.75 lie above 0.65, 0.62 below.
        assertThat(Figures.of(FOUR).auroc()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(Figures.of(answers(new boolean[] {true, false}, 0.5f, 0.5f)).auroc())
                .isEqualTo(0.5);
        assertThat(Figures.of(answers(new boolean[] {true, true}, 0.5f, 0.6f)).auroc())
                .isNull();
    }

    @Test
    void theAreaUnderTheRocCurveIsThatOfAllPairs() {
        SplittableRandom random = new SplittableRandom(3);
        boolean[] right = new boolean[200];
        float[] scores = new float[200];
        for (int i = 0; i < 200; i++) {
            scores[i] = random.nextInt(20) / 20f;
            right[i] = random.nextDouble() < 0.3 + 0.5 * scores[i];
        }
        double pairs = 0;
        double ordered = 0;
        for (int i = 0; i < 200; i++) {
            for (int j = 0; j < 200; j++) {
                if (right[i] && !right[j]) {
                    pairs++;
                    ordered += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        assertThat(Figures.of(answers(right, scores)).auroc()).isCloseTo(ordered / pairs, within(1e-12));
    }

    @Test
    void riskIsTheErrorRateOfTheSurest() {
        // Surest first: right, right, wrong, right.
        double[] risks = {0, 0, 1 / 3.0, 1 / 4.0};
        Figures figures = Figures.of(FOUR);
        assertThat(figures.aurc()).isCloseTo(Arrays.stream(risks).sum() / 4, within(1e-12));
        assertThat(figures.riskCoverage())
                .containsExactly(
                        new RiskCoverage.Point(0.25, 0),
                        new RiskCoverage.Point(0.5, 0),
                        new RiskCoverage.Point(0.75, 1 / 3.0),
                        new RiskCoverage.Point(1, 0.25));
    }

    @Test
    void samplesOfOneScoreShareTheirErrorsEvenlyWhateverTheirOrder() {
        Figures one = Figures.of(answers(new boolean[] {false, true}, 0.5f, 0.5f));
        Figures other = Figures.of(answers(new boolean[] {true, false}, 0.5f, 0.5f));
        assertThat(one.aurc()).isEqualTo(0.5).isEqualTo(other.aurc());
    }

    @Test
    void likelihoodAndBrierScore() {
        Figures figures = Figures.of(answers(new boolean[] {true, false}, 0.8f, 0.6f));
        assertThat(figures.nll()).isCloseTo(-(Math.log(0.8) + Math.log(0.4)) / 2, within(1e-6));
        assertThat(figures.brier()).isCloseTo((2 * 0.04 + 2 * 0.36) / 2, within(1e-6));
    }

    @Test
    void aProbabilityOfZeroIsNoInfiniteLoss() {
        assertThat(Figures.of(answers(new boolean[] {false}, 1f)).nll()).isCloseTo(-Math.log(1e-12), within(1e-9));
    }

    @Test
    void noSamplesGiveNoFigures() {
        Figures none = Figures.of(FOUR.rows(new int[0]));
        assertThat(none.samples()).isZero();
        assertThat(List.of(none.accuracy(), none.ece(), none.aurc(), none.nll(), none.brier()))
                .containsOnly(0.0);
        assertThat(none.auroc()).isNull();
    }

    @Test
    void confusionOfThreeClasses() {
        int[] labels = {0, 0, 0, 0, 1, 1, 2, 2};
        int[] predictions = {0, 0, 0, 1, 1, 2, 2, 2};
        Confusion confusion = Confusion.of(labels, predictions);
        // F1: 2·3/(4+3), 2·1/(2+2), 2·2/(2+3).
        assertThat(confusion.macroF1()).isCloseTo((6 / 7.0 + 0.5 + 0.8) / 3, within(1e-12));
        assertThat(confusion.balancedAccuracy()).isCloseTo((0.75 + 0.5 + 1) / 3, within(1e-12));
        // Agreement 6/8; expected 4·3 + 2·2 + 2·3 = 22 of 64.
        assertThat(confusion.kappa()).isCloseTo((0.75 - 22 / 64.0) / (1 - 22 / 64.0), within(1e-12));
    }

    @Test
    void aClassThatIsOnlyPredictedLowersTheMeanOfF1AndNotTheMeanOfRecalls() {
        Confusion confusion = Confusion.of(new int[] {0, 0}, new int[] {0, 3});
        assertThat(confusion.macroF1()).isCloseTo((2 / 3.0 + 0) / 2, within(1e-12));
        assertThat(confusion.balancedAccuracy()).isEqualTo(0.5);
        assertThat(Confusion.of(new int[] {1, 1}, new int[] {1, 1}).kappa()).isZero();
    }

    @Test
    void overthinkingCountsWhatLaterExitsWasteAndSpoil() {
        int[] labels = {0, 0, 0, 0};
        LabelledAnswers first = exit(labels, 0, 0, 1, 1);
        LabelledAnswers last = exit(labels, 0, 1, 0, 1);
        // Sample 0 runs on though right; 1 is spoilt by the last exit; 2 leaves wrongly; 3 is never right.
        Outcomes outcomes = new Outcomes(labels, new int[] {2, 1, 1, 2}, new int[] {0, 0, 1, 1});
        assertThat(Overthinking.of(List.of(first, last), outcomes))
                .isEqualTo(new Overthinking(0.25, 0.25, 0.25, 0.75, 0.25));
        assertThat(Overthinking.firstRight(List.of(first, last))).containsExactly(1, 1, 2, 2);
    }

    private static LabelledAnswers exit(int[] labels, int... predictions) {
        float[] none = new float[labels.length];
        return new LabelledAnswers(labels, predictions, none, none, none, none);
    }

    @Test
    void theAnswerTakenIsThatOfTheExitTaken() {
        int[] labels = {5, 6};
        LabelledAnswers taken =
                LabelledAnswers.taken(List.of(exit(labels, 1, 2), exit(labels, 3, 4)), new int[] {2, 1});
        assertThat(taken.predictions()).containsExactly(3, 2);
        assertThat(taken.labels()).containsExactly(5, 6);
    }

    @Test
    void arraysOfDifferentLengthsAreRefused() {
        float[] two = new float[2];
        assertThatThrownBy(() -> new LabelledAnswers(new int[2], new int[3], two, two, two, two))
                .hasMessageContaining("2 labels, 3 predictions");
    }

    @Test
    void pointsOfALongCurveAreThinnedOutAndReachFullCoverage() {
        boolean[] right = new boolean[1000];
        float[] scores = new float[1000];
        for (int i = 0; i < 1000; i++) {
            right[i] = i % 3 != 0;
            scores[i] = i / 1000f;
        }
        List<RiskCoverage.Point> points = Figures.of(answers(right, scores)).riskCoverage();
        assertThat(points).hasSize(50);
        assertThat(points.stream().map(RiskCoverage.Point::coverage).collect(Collectors.toList()))
                .isSorted()
                .endsWith(1.0);
        assertThat(points.get(49).risk()).isCloseTo(0.334, within(1e-12));
    }
}
