package org.offramp.host.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.metrics.Outcomes;

class BudgetedBatchTest {
    private static ScoredTrace trace() {
        SplittableRandom random = new SplittableRandom(1);
        float[][] scores = new float[3][700];
        for (float[] exit : scores) {
            for (int i = 0; i < exit.length; i++) {
                exit[i] = (float) random.nextDouble();
            }
        }
        return new ScoredTrace(new int[700], scores, new int[3][700], new long[] {1, 2, 3}, 3);
    }

    private static double[] rates(int rate) {
        ScoredTrace trace = trace();
        List<double[]> all = BudgetedBatch.thresholds(trace);
        assertThat(all).hasSize(39);
        int[] exits = trace.exitsAt(all.get(rate - 1));
        return new Outcomes(trace.labels(), exits, new int[700]).exitRates(3);
    }

    @Test
    void exitsAreTakenInTheProportionsOfThePowers() {
        // r = 10/20: 1/2, 1/4, 1/8 of 7/8.
        assertThat(rates(10)).containsExactly(new double[] {4 / 7.0, 2 / 7.0, 1 / 7.0}, within(1e-9));
        assertThat(rates(20)).containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, within(2e-3));
    }

    @Test
    void aGreaterRateCostsMore() {
        assertThat(rates(1)[0]).isGreaterThan(rates(39)[0]);
        assertThat(rates(39)[2]).isGreaterThan(rates(20)[2]);
    }

    @Test
    void scoresThatAreAllEqualLeaveTogether() {
        ScoredTrace same = new ScoredTrace(new int[5], new float[2][5], new int[2][5], new long[] {1, 2}, 2);
        assertThat(BudgetedBatch.thresholds(same).get(19)).containsExactly(0.0);
        assertThat(same.exitsAt(BudgetedBatch.thresholds(same).get(19))).containsOnly(1);
    }
}
