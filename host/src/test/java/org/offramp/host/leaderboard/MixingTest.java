package org.offramp.host.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MixingTest {
    private static final List<RunRecord.Point> CURVE =
            List.of(point(0.2, 0.6), point(0.4, 0.8), point(0.4, 0.9), point(0.8, 1.0));

    private static RunRecord.Point point(double macs, double accuracy) {
        return new RunRecord.Point(macs, accuracy, 0, List.of("0.5"));
    }

    private static double accuracyAt(double macs) {
        return Mixing.accuracy(CURVE, Mixing.at(CURVE, macs));
    }

    @Test
    void betweenTwoPointsTheyAreMixedSoThatTheMeanCostIsTheWantedOne() {
        assertThat(accuracyAt(0.25)).isCloseTo(0.65, within(1e-12));
        assertThat(accuracyAt(0.2)).isEqualTo(0.6);
        assertThat(accuracyAt(0.5)).isCloseTo(0.925, within(1e-12));
    }

    @Test
    void aboveTheDearestPointMoreBudgetBuysNothing() {
        assertThat(accuracyAt(0.8)).isEqualTo(1.0);
        assertThat(accuracyAt(1.0)).isEqualTo(1.0);
    }

    @Test
    void belowTheCheapestPointThereIsNothing() {
        assertThat(Mixing.reaches(CURVE, 0.19)).isFalse();
        assertThat(Mixing.reaches(CURVE, 0.2)).isTrue();
        assertThat(Mixing.reaches(List.of(), 1)).isFalse();
    }

    @Test
    void theAreaIsTheMeanOverTheCosts() {
        // From 0.4: a line from 0.9 up to 1.0 at 0.8, then flat to 1.0.
        double area = Mixing.accuracy(CURVE, Mixing.area(CURVE, 0.4));
        assertThat(area).isCloseTo((0.4 * 0.95 + 0.2 * 1.0) / 0.6, within(1e-3));
        assertThat(java.util.Arrays.stream(Mixing.area(CURVE, 0.2)).sum()).isCloseTo(1, within(1e-12));
    }
}
