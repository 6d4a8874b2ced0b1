package org.offramp.e2cm;

import org.offramp.api.FloatMatrix;

/** The β that makes softmax(−β d̂) fit labels best. */
final class Sharpness {
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final double LOWEST = Math.log(0.1);
    private static final double HIGHEST = Math.log(1000);
    private static final int STEPS = 40;

    private Sharpness() {}

    /**
     * The β between 0.1 and 1000 of the least mean −log softmax(−β d̂)[label], by golden-section search over log β; the loss is convex
     * in β, so there is one least value.
     *
     * @param distances d̂, {@code samples × K}
     * @param labels the true classes
     */
    static double fit(FloatMatrix distances, int[] labels) {
        double low = LOWEST;
        double high = HIGHEST;
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = loss(distances, labels, Math.exp(left));
        double atRight = loss(distances, labels, Math.exp(right));
        for (int step = 0; step < STEPS; step++) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = loss(distances, labels, Math.exp(left));
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = loss(distances, labels, Math.exp(right));
            }
        }
        return Math.exp((low + high) / 2);
    }

    /** The mean of −log softmax(−β d̂)[label], in nats. */
    static double loss(FloatMatrix distances, int[] labels, double beta) {
        double total = 0;
        for (int row = 0; row < labels.length; row++) {
            double nearest = Double.MAX_VALUE;
            for (int k = 0; k < distances.columns(); k++) {
                nearest = Math.min(nearest, distances.get(row, k));
            }
            double sum = 0;
            for (int k = 0; k < distances.columns(); k++) {
                sum += Math.exp(beta * (nearest - distances.get(row, k)));
            }
            total += Math.log(sum) + beta * (distances.get(row, labels[row]) - nearest);
        }
        return total / labels.length;
    }
}
