package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Usual disturbances of images, {@code (channels, height, width)}. */
@Experimental("see Perturbation")
public final class Perturbations {
    private Perturbations() {}

    /**
     * Gaussian noise on every value; for samples of any shape.
     *
     * @param deviation its standard deviation, in units of the normalised values
     */
    public static Perturbation noise(double deviation) {
        return (sample, shape, random) -> {
            for (int i = 0; i < sample.length; i++) {
                sample[i] += (float) (deviation * random.nextGaussian());
            }
        };
    }

    /**
     * A square at a random place set to 0.
     *
     * @param fraction its side, as a fraction of the shorter side, 0 to 1
     */
    public static Perturbation occlusion(double fraction) {
        return (sample, shape, random) -> {
            int height = (int) shape.get(1);
            int width = (int) shape.get(2);
            int side = (int) Math.round(fraction * Math.min(height, width));
            int top = (int) (random.nextDouble() * (height - side + 1));
            int left = (int) (random.nextDouble() * (width - side + 1));
            for (int channel = 0; channel < shape.get(0); channel++) {
                for (int y = top; y < top + side; y++) {
                    int row = (channel * height + y) * width;
                    Arrays.fill(sample, row + left, row + left + side, 0);
                }
            }
        };
    }

    /**
     * Single positions, such as pixels, set to 0 in all channels; for samples of shape {@code (channels, …)}.
     *
     * @param probability with which each is, 0 to 1
     */
    public static Perturbation drop(double probability) {
        return (sample, shape, random) -> {
            int channels = (int) shape.get(0);
            int positions = sample.length / channels;
            for (int position = 0; position < positions; position++) {
                if (random.nextDouble() < probability) {
                    for (int channel = 0; channel < channels; channel++) {
                        sample[channel * positions + position] = 0;
                    }
                }
            }
        };
    }

    /**
     * A Gaussian blur; the edge goes on beyond the picture.
     *
     * @param deviation its standard deviation, in pixels
     */
    public static Perturbation blur(double deviation) {
        return (sample, shape, random) -> blur(sample, shape, deviation);
    }

    private static void blur(float[] sample, Shape shape, double deviation) {
        int radius = (int) Math.ceil(3 * deviation);
        double[] weights = new double[2 * radius + 1];
        Arrays.setAll(weights, i -> radius == 0 ? 1 : Math.exp(-Math.pow((i - radius) / deviation, 2) / 2));
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
