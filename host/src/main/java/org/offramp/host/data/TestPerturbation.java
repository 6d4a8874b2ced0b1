package org.offramp.host.data;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.offramp.api.Perturbation;

/**
 * One disturbance of test inputs, to see how answers and costs hold. Images have the shape {@code (channels, height, width)}, series
 * {@code (channels, time)}. What is random is drawn by kind and sample, so that a sample's noise at twice the strength is twice the same
 * noise.
 *
 * @param kind what is done
 * @param strength how much of it; 0 leaves the sample as it is
 */
public record TestPerturbation(Kind kind, double strength) implements Perturbation {
    private static final int SERIES = 2;
    private static final int IMAGE = 3;

    /** What is done to a sample. */
    public enum Kind {
        /** Images: Gaussian noise of this standard deviation, in units of the normalised values. */
        NOISE(IMAGE, IMAGE),
        /** Images: a Gaussian blur of this standard deviation, in pixels; the edge goes on beyond the picture. */
        BLUR(IMAGE, IMAGE),
        /** Images: a square whose side is this fraction of the shorter side, at a random place, set to 0. */
        OCCLUSION(IMAGE, IMAGE),
        /** Series: Gaussian noise of this standard deviation, in units of the normalised values. */
        JITTER(SERIES, SERIES),
        /** Both: each channel times 1 + a Gaussian number of this standard deviation. */
        SCALING(SERIES, IMAGE),
        /** Both: each channel set to 0 with this probability. */
        CHANNEL_DROP(SERIES, IMAGE);

        private final int fewestDimensions;
        private final int mostDimensions;

        Kind(int fewestDimensions, int mostDimensions) {
            this.fewestDimensions = fewestDimensions;
            this.mostDimensions = mostDimensions;
        }

        /**
         * Whether it can be done to samples.
         *
         * @param shape the shape of one sample
         */
        public boolean suits(Shape shape) {
            return shape.dimension() >= fewestDimensions && shape.dimension() <= mostDimensions;
        }

        /** Which samples it is for. */
        public String samples() {
            return fewestDimensions == IMAGE
                    ? "images (channels, height, width)"
                    : mostDimensions == SERIES
                            ? "series (channels, time)"
                            : "series (channels, time) and images (channels, height, width)";
        }

        /** Whether a strength is a fraction, at most 1. */
        public boolean fraction() {
            return this == OCCLUSION || this == CHANNEL_DROP;
        }

        /** Its name, as in the configuration. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Override
    public void apply(float[] sample, Shape shape, RandomGenerator random) {
        switch (kind) {
            case NOISE, JITTER -> {
                for (int i = 0; i < sample.length; i++) {
                    sample[i] += (float) (strength * random.nextGaussian());
                }
            }
            case SCALING -> {
                for (int channel = 0; channel < shape.get(0); channel++) {
                    multiply(sample, shape, channel, (float) (1 + strength * random.nextGaussian()));
                }
            }
            case CHANNEL_DROP -> {
                for (int channel = 0; channel < shape.get(0); channel++) {
                    multiply(sample, shape, channel, random.nextDouble() < strength ? 0 : 1);
                }
            }
            case OCCLUSION -> occlude(sample, shape, random);
            case BLUR -> blur(sample, shape);
        }
    }

    private static void multiply(float[] sample, Shape shape, int channel, float factor) {
        int positions = (int) (shape.size() / shape.get(0));
        for (int i = channel * positions; i < (channel + 1) * positions; i++) {
            sample[i] *= factor;
        }
    }

    private void occlude(float[] sample, Shape shape, RandomGenerator random) {
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        int side = (int) Math.round(strength * Math.min(height, width));
        int top = (int) (random.nextDouble() * (height - side + 1));
        int left = (int) (random.nextDouble() * (width - side + 1));
        for (int channel = 0; channel < shape.get(0); channel++) {
            for (int y = top; y < top + side; y++) {
                int row = (channel * height + y) * width;
                Arrays.fill(sample, row + left, row + left + side, 0);
            }
        }
    }

    private void blur(float[] sample, Shape shape) {
        int radius = (int) Math.ceil(3 * strength);
        double[] weights = new double[2 * radius + 1];
        Arrays.setAll(weights, i -> radius == 0 ? 1 : Math.exp(-Math.pow((i - radius) / strength, 2) / 2));
        double sum = Arrays.stream(weights).sum();
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        for (int channel = 0; channel < shape.get(0); channel++) {
            int base = channel * height * width;
            for (int y = 0; y < height; y++) {
                blurLine(sample, base + y * width, 1, width, weights, sum);
            }
            for (int x = 0; x < width; x++) {
                blurLine(sample, base + x, width, height, weights, sum);
            }
        }
    }

    private static void blurLine(float[] sample, int from, int step, int length, double[] weights, double sum) {
        float[] old = new float[length];
        for (int i = 0; i < length; i++) {
            old[i] = sample[from + i * step];
        }
        int radius = weights.length / 2;
        for (int i = 0; i < length; i++) {
            double value = 0;
            for (int j = -radius; j <= radius; j++) {
                value += weights[j + radius] * old[Math.max(0, Math.min(length - 1, i + j))];
            }
            sample[from + i * step] = (float) (value / sum);
        }
    }
}
