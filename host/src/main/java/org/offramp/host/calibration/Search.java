package org.offramp.host.calibration;

/**
 * How thresholds are searched for; the same for every policy, on calibration samples only.
 *
 * @param method the method
 * @param draws of {@code random-hull}: how many threshold vectors are drawn
 * @param window of {@code random-hull}: what thresholds are drawn from
 * @param seed of {@code random-hull}: the source of chance
 */
public record Search(Method method, int draws, Window window, long seed) {
    /** Ways to search. */
    public enum Method {
        /** One threshold for all early exits: the best of all observed scores, by one sweep. */
        GLOBAL,
        /** One for each, by coordinate ascent from the shared one. */
        PER_EXIT,
        /** One for each, drawn at random; the upper convex hull of (MACs, accuracy) is kept (Görmez et al. 2022). */
        RANDOM_HULL,
        /** One for each, by dynamic programming backwards over the exits for a range of prices per MAC, then coordinate ascent. */
        DYNAMIC
    }

    /** What random thresholds are drawn from. */
    public enum Window {
        /** U(0, 1), as the paper does. */
        UNIT,
        /** The scores that were observed at the exit: every draw is one that some samples reach and others do not. */
        OBSERVED
    }

    /** The number of draws in the paper's published table. */
    public static final int DRAWS = 10_000;

    /** Checks the number of draws. */
    public Search {
        if (draws < 1) {
            throw new IllegalArgumentException("draws is " + draws + "; allowed are whole numbers from 1 on");
        }
    }

    /**
     * A search without a choice of draws.
     *
     * @param method the method
     */
    public static Search of(Method method) {
        return new Search(method, DRAWS, Window.OBSERVED, 1);
    }
}
