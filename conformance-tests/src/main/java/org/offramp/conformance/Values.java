package org.offramp.conformance;

import java.util.Arrays;

/** Compares arrays of numbers bit for bit; of two that differ the message has the first place, not all their values. */
final class Values {
    private Values() {}

    static void assertSame(float[] actual, float[] expected, String what) {
        int place = Arrays.mismatch(actual, expected);
        if (place >= 0) {
            throw new AssertionError(
                    actual.length == expected.length
                            ? what + ": value " + place + " of " + actual.length + " is " + actual[place]
                                    + ", expected is " + expected[place]
                            : what + ": " + actual.length + " values, expected are " + expected.length);
        }
    }
}
