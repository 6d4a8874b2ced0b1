package org.offramp.backbones;

import java.util.List;

/** Channel counts and their multiplier. */
final class Widths {
    private Widths() {}

    /** The number of channels times the multiplier, rounded, at least 1. */
    static int scaled(int channels, double multiplier) {
        return Math.max(1, Math.toIntExact(Math.round(channels * multiplier)));
    }

    /**
     * The channels nearest to a number that are a multiple of 8 and at least 0.9 times the number, as torchvision rounds them
     * ({@code _make_divisible}).
     */
    static int divisible(double channels) {
        int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }

    /** The positive counts of a configuration key, copied; there must be at least one. */
    static List<Integer> require(String key, List<Integer> counts) {
        if (counts.isEmpty() || counts.stream().anyMatch(count -> count < 1)) {
            throw new IllegalArgumentException(
                    key + " is " + counts + "; allowed is a list of one or more numbers >= 1");
        }
        return List.copyOf(counts);
    }

    /** A finite positive multiplier. */
    static void requireMultiplier(String key, double multiplier) {
        if (!(multiplier > 0) || Double.isInfinite(multiplier)) {
            throw new IllegalArgumentException(key + " is " + multiplier + "; allowed is a number > 0");
        }
    }
}
