package org.offramp.api;

/** Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks", section 4.2). */
@Experimental("may take weights for samples")
public final class TemperatureScaling {
    private static final double LEAST_LOG = Math.log(0.001);
    private static final double GREATEST_LOG = Math.log(100);
    private static final double PRECISION = 1e-6;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private TemperatureScaling() {}

    /**
     * The temperature T in 0.001 … 100 of the least mean negative log-likelihood of softmax(z / T); 1 where there are no samples. The
     * likelihood is convex in 1 / T, so that it has one minimum in log T too, which golden-section search finds.
     *
     * @param logits z, {@code samples × K}
     * @param labels the true classes
     */
    public static double fit(FloatMatrix logits, int[] labels) {
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

    /**
     * The mean of −log softmax(z / T)[label] in nats.
     *
     * @param logits z, {@code samples × K}
     * @param labels the true classes
     * @param temperature T, above 0
     */
    public static double negativeLogLikelihood(FloatMatrix logits, int[] labels, double temperature) {
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
