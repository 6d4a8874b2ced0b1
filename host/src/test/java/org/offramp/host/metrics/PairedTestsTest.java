package org.offramp.host.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedTestsTest {
    @Test
    void mcnemarIsTheBinomialTail() {
        // P(X <= 1) for 8 fair coins is 9/256.
        assertThat(PairedTests.mcnemar(1, 7)).isCloseTo(18 / 256.0, within(1e-12));
        assertThat(PairedTests.mcnemar(7, 1)).isEqualTo(PairedTests.mcnemar(1, 7));
        assertThat(PairedTests.mcnemar(0, 0)).isEqualTo(1);
        assertThat(PairedTests.mcnemar(5, 5)).isEqualTo(1);
    }

    @Test
    void holmMultipliesTheSmallestMostAndNeverFalls() {
        assertThat(PairedTests.holm(new double[] {0.01, 0.04, 0.03, 0.005}))
                .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
        assertThat(PairedTests.holm(new double[] {0.6, 0.7})).containsExactly(1, 1);
        assertThat(PairedTests.holm(new double[0])).isEmpty();
    }

    private static double[] coins(SplittableRandom random, double chance, int size) {
        double[] coins = new double[size];
        for (int i = 0; i < size; i++) {
            coins[i] = random.nextDouble() < chance ? 1 : 0;
        }
        return coins;
    }

    private static PairedBootstrap.Difference compare(double[] one, double[] other, long seed) {
        List<PairedBootstrap.Figure> figures = new PairedBootstrap(one.length, 1, 2000, seed)
                .figures(List.of(List.of(Ratio.mean(one)), List.of(Ratio.mean(other))));
        return PairedBootstrap.compare(figures.get(0), figures.get(1));
    }

    @Test
    void aRealDifferenceIsFoundAndItsIntervalIsAboutTwoStandardErrorsWide() {
        SplittableRandom random = new SplittableRandom(1);
        double[] good = coins(random, 0.9, 1000);
        double[] poor = coins(random, 0.8, 1000);
        PairedBootstrap.Difference difference = compare(good, poor, 5);
        assertThat(difference.p()).isLessThan(0.01);
        // Independent coins: standard error sqrt(0.9·0.1/n + 0.8·0.2/n) = 0.0158.
        assertThat((difference.high() - difference.low()) / 2).isBetween(0.026, 0.036);
        assertThat(difference.low()).isPositive().isLessThan(difference.difference());
    }

    @Test
    void equalAnswersDifferInNothing() {
        double[] same = coins(new SplittableRandom(2), 0.7, 500);
        PairedBootstrap.Difference difference = compare(same, same.clone(), 5);
        assertThat(difference.difference()).isZero();
        assertThat(difference.p()).isEqualTo(1);
    }

    @Test
    void withoutADifferenceAboutOneInTwentyIsCalledSignificant() {
        SplittableRandom random = new SplittableRandom(7);
        int significant = 0;
        for (int i = 0; i < 200; i++) {
            significant +=
                    compare(coins(random, 0.8, 200), coins(random, 0.8, 200), i).p() < 0.05 ? 1 : 0;
        }
        assertThat(significant).isBetween(2, 22);
    }

    @Test
    void theSameSeedDrawsTheSame() {
        SplittableRandom random = new SplittableRandom(1);
        double[] one = coins(random, 0.9, 100);
        double[] other = coins(random, 0.8, 100);
        assertThat(compare(one, other, 3)).isEqualTo(compare(one, other, 3)).isNotEqualTo(compare(one, other, 4));
    }

    @Test
    void aRatioIsOfSumsAndUndefinedForNothing() {
        Ratio ratio = Ratio.of(new double[] {1, 0, 1}, new double[] {1, 1, 0});
        assertThat(ratio.of(new int[] {1, 1, 1})).isEqualTo(1);
        assertThat(ratio.of(new int[] {1, 3, 0})).isEqualTo(0.25);
        assertThat(ratio.of(new int[] {0, 0, 3})).isNaN();
        assertThat(Ratio.mean(new double[] {1, 0, 1}).of(new int[] {0, 2, 1})).isCloseTo(1 / 3.0, within(1e-12));
    }

    @Test
    void aSampleThatCountsTwiceIsTwoSamplesOfTheRocCurve() {
        int[] labels = new int[3];
        float[] scores = {0.9f, 0.5f, 0.7f};
        Auroc auroc = Auroc.of(new LabelledAnswers(labels, new int[] {0, 0, 1}, scores, scores, scores, scores));
        assertThat(auroc.of(new int[] {1, 1, 1})).isEqualTo(0.5);
        assertThat(auroc.of(new int[] {2, 1, 1})).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(auroc.of(new int[] {1, 1, 0})).isNaN();
    }

    @Test
    void fromThreeSeedsOnTheSeedsAreDrawnToo() {
        double[] none = new double[50];
        double[] all = new double[50];
        java.util.Arrays.fill(all, 1);
        List<Ratio> three = List.of(Ratio.mean(none), Ratio.mean(all), Ratio.mean(all));
        PairedBootstrap.Figure figure =
                new PairedBootstrap(50, 3, 500, 1).figures(List.of(three)).get(0);
        assertThat(figure.value()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(figure.resampled()).contains(0.0, 1.0).hasSize(500);
        PairedBootstrap.Figure two = new PairedBootstrap(50, 2, 500, 1)
                .figures(List.of(three.subList(0, 2)))
                .get(0);
        assertThat(two.resampled()).containsOnly(0.5);
    }
}
