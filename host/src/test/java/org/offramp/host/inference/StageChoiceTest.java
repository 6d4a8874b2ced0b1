package org.offramp.host.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StageChoiceTest {
    private final StageChoice choice = new StageChoice(4, 100);

    @Test
    void nobodyWaitsForAWholeBatchThatIsThere() {
        assertThat(choice.next(new int[] {4, 0, 0}, new long[3], 0, false)).isZero();
    }

    @Test
    void ofTwoWholeBatchesTheDeeperOneGoesFirst() {
        assertThat(choice.next(new int[] {9, 4, 3}, new long[3], 0, false)).isEqualTo(1);
    }

    @Test
    void lessThanABatchWaitsUntilItsOldestSampleHasWaitedLongEnough() {
        int[] rows = {3, 1, 0};
        long[] oldest = {50, 20, 0};
        assertThat(choice.next(rows, oldest, 119, false)).isEqualTo(StageChoice.NONE);
        assertThat(choice.untilNext(rows, oldest, 119)).isEqualTo(1);
        assertThat(choice.next(rows, oldest, 120, false)).isEqualTo(1);
        assertThat(choice.next(new int[] {3, 0, 0}, oldest, 150, false)).isZero();
    }

    @Test
    void whoHasWaitedLongEnoughWaitsBehindNoLaterStageEither() {
        assertThat(choice.next(new int[] {0, 0, 1}, new long[] {0, 0, 10}, 5000, false))
                .isEqualTo(2);
        assertThat(choice.untilNext(new int[] {0, 0, 1}, new long[] {0, 0, 10}, 5000))
                .isZero();
    }

    @Test
    void whenNoMoreComeNothingWaits() {
        assertThat(choice.next(new int[] {1, 2, 0}, new long[3], 0, true)).isEqualTo(1);
        assertThat(choice.next(new int[3], new long[3], 0, true)).isEqualTo(StageChoice.NONE);
        assertThat(choice.untilNext(new int[3], new long[3], 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aClockThatOverflowsIsNoTrouble() {
        long late = Long.MAX_VALUE - 10;
        assertThat(choice.next(new int[] {1}, new long[] {late}, late + 50, false))
                .isEqualTo(StageChoice.NONE);
        assertThat(choice.next(new int[] {1}, new long[] {late}, late + 100, false))
                .isZero();
    }
}
