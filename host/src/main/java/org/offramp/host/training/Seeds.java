package org.offramp.host.training;

/** Derives seeds from seeds. */
public final class Seeds {
    private Seeds() {}

    /**
     * A seed for a part of something seeded, by the finaliser of SplitMix64.
     *
     * @param seed the seed of the whole
     * @param part the part's number
     */
    public static long mix(long seed, long part) {
        long z = seed * 0x9E3779B97F4A7C15L + part + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
