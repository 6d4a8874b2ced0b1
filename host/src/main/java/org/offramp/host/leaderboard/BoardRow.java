package org.offramp.host.leaderboard;

import org.jspecify.annotations.Nullable;

/**
 * One strategy with one seed, as the board is made of: a record, or a failure.
 *
 * @param strategy the strategy's name
 * @param seed the seed
 * @param record what it gave; null where it failed
 * @param timings how long it took; null where it failed
 * @param failure why it failed; null where it did not
 */
public record BoardRow(
        String strategy,
        long seed,
        @Nullable RunRecord record,
        @Nullable Timings timings,
        @Nullable String failure) {
    static BoardRow of(RunRecord record, Timings timings) {
        return new BoardRow(record.strategy(), record.seed(), record, timings, null);
    }

    static BoardRow failed(String strategy, long seed, String message) {
        return new BoardRow(strategy, seed, null, null, message);
    }

    /** Whether there is a record. */
    public boolean finished() {
        return record != null;
    }
}
