package org.offramp.host.data;

import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.offramp.api.Perturbation;
import org.offramp.api.Perturbations;

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
            case NOISE, JITTER -> Perturbations.noise(strength).apply(sample, shape, random);
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
            case OCCLUSION -> Perturbations.occlusion(strength).apply(sample, shape, random);
            case BLUR -> Perturbations.blur(strength).apply(sample, shape, random);
        }
    }

    private static void multiply(float[] sample, Shape shape, int channel, float factor) {
        int positions = (int) (shape.size() / shape.get(0));
        for (int i = channel * positions; i < (channel + 1) * positions; i++) {
            sample[i] *= factor;
        }
    }
}
