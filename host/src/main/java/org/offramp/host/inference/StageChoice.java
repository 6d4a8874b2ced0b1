package org.offramp.host.inference;

/**
 * Which stage of a stream runs next: the deepest one with a whole batch waiting before it; else the deepest one before which a sample has
 * waited long enough, counted from its arrival, so that all its waiting together is bounded; else none.
 *
 * @param batch samples that a stage runs with at best
 * @param maxWait nanoseconds after its arrival from which a sample waits for no others
 */
record StageChoice(int batch, long maxWait) {
    static final int NONE = -1;

    /**
     * The stage to run, counted from 0; {@link #NONE} if it pays to wait.
     *
     * @param rows how many samples wait before each stage
     * @param oldest when the one that arrived first among them arrived; without meaning where nobody waits
     * @param now the time, of the same clock
     * @param closing whether no more samples will come
     */
    int next(int[] rows, long[] oldest, long now, boolean closing) {
        for (int stage = rows.length - 1; stage >= 0; stage--) {
            if (rows[stage] >= batch) {
                return stage;
            }
        }
        for (int stage = rows.length - 1; stage >= 0; stage--) {
            if (rows[stage] > 0 && (closing || now - oldest[stage] >= maxWait)) {
                return stage;
            }
        }
        return NONE;
    }

    /**
     * Nanoseconds until a sample has waited long enough; {@link Long#MAX_VALUE} if nobody waits.
     *
     * @param rows as of {@link #next}
     * @param oldest as of {@link #next}
     * @param now the time
     */
    long untilNext(int[] rows, long[] oldest, long now) {
        long least = Long.MAX_VALUE;
        for (int stage = 0; stage < rows.length; stage++) {
            if (rows[stage] > 0) {
                least = Math.min(least, Math.max(0, maxWait - (now - oldest[stage])));
            }
        }
        return least;
    }
}
