package org.offramp.baselines;

import org.offramp.api.FloatMatrix;

/** Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks", section 4.2). */
final class Temperatures {
    private static final double LEAST_LOG = Math.log(0.01);
    private static final double GREATEST_LOG = Math.log(100);
    private static final double PRECISION = 1e-6;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private Temperatures() {}

    /** A finite positive temperature. */
    static void require(String key, double temperature) {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(key + " is " + temperature + "; allowed is a number > 0");
        }
    }

    /**
     * The temperature in 0.01 … 100 of the least mean negative log-likelihood; 1 where there are no samples. The likelihood is
     * convex in 1 / T, so that it has one minimum in log T too, which golden-section search finds.
     */
    static double fit(FloatMatrix logits, int[] labels) {
        if (labels.length == 0) {
            return 1;
        }
        double low = LEAST_LOG;
        double high = GREATEST_LOG;
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = negativeLogLikelihood(logits, labels, Math.exp(left));
        double atRight = negativeLogLikelihood(logits, labels, Math.exp(right));
        while (high - low > PRECISION) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = negativeLogLikelihood(logits, labels, Math.exp(left));
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = negativeLogLikelihood(logits, labels, Math.exp(right));
            }
        }
        return Math.exp((low + high) / 2);
    }

    /** The mean of −log softmax(z / T)[label] in nats. */
    static double negativeLogLikelihood(FloatMatrix logits, int[] labels, double temperature) {
        double total = 0;
        for (int row = 0; row < labels.length; row++) {
            double greatest = logits.get(row, logits.argMax(row));
            double sum = 0;
            for (int k = 0; k < logits.columns(); k++) {
                sum += Math.exp((logits.get(row, k) - greatest) / temperature);
            }
            total += Math.log(sum) - (logits.get(row, labels[row]) - greatest) / temperature;
        }
        return total / labels.length;
    }
}
