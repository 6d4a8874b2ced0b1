package org.offramp.host.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.offramp.host.metrics.Outcomes;

class PerturbedSamplesTest {
    private static final List<Long> MACS = List.of(10L, 100L);

    /** Four samples of class 0 and two exits; exit 1 is wrong of the second one, and surer of it than of the last two. */
    private static PerturbedSamples samples() {
        return new PerturbedSamples(
                "noise",
                0.5,
                new Outcomes(new int[4], new int[] {2, 2, 2, 2}, new int[4]),
                new float[4],
                new int[4],
                List.of(new int[] {0, 1, 0, 0}),
                List.of(new float[] {0.9f, 0.8f, 0.3f, 0.1f}));
    }

    @Test
    void oneThresholdSpendsTheBudgetOnThePerturbedSamples() {
        // Two leave, two go on: (2 · 10 + 2 · 100) / 4.
        assertThat(samples().atCost(MACS, 55)).hasValue(new double[][] {{0, 1, 0, 0}, {1, 1, 0, 0}});
    }

    @Test
    void betweenTwoThresholdsBothAreMixed() {
        // Half-way between one that leaves (77.5) and two (55).
        assertThat(samples().atCost(MACS, 66.25)).hasValue(new double[][] {{0, 0.5, 0, 0}, {1, 0.5, 0, 0}});
    }

    @Test
    void aBudgetBelowTheFirstExitCannotBeKept() {
        assertThat(samples().atCost(MACS, 9)).isEmpty();
        assertThat(samples().atCost(MACS, 10)).hasValue(new double[][] {{0, 1, 0, 0}, {1, 1, 1, 1}});
    }
}
