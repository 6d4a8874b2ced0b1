package org.offramp.consistentexit;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.offramp.api.Key;
import org.offramp.api.Perturbation;
import org.offramp.api.TrainingException;

/**
 * One perturbation of a list. Series have the shape {@code (channels, time)}, images {@code (channels, height, width)}, texts
 * {@code (length)}.
 *
 * @param kind what is done
 * @param strength how much of it
 */
public record Perturb(
        @Key(
                "series: jitter, scaling, rotation, time-mask, channel-drop, permutation, time-warp, magnitude-warp; images: shift, flip, cutout, noise, brightness; texts: token-drop, token-mask")
        Kind kind,

        @Key(
                value =
                        "jitter, noise, scaling, brightness, warps: a deviation; masks, cutout, drops, shift: a fraction; rotation: radians; permutation: segments",
                defaultValue = "0.1",
                min = 0,
                max = 1000)
        double strength) {

    private static final int SERIES = 2;
    private static final int IMAGE = 3;
    private static final int TEXT = 1;
    private static final int KNOTS = 4;

    /** What is done to a sample. */
    public enum Kind {
        /** Series: Gaussian noise on every value. */
        JITTER(SERIES),
        /** Series: each channel times 1 + Gaussian. */
        SCALING(SERIES),
        /** Series: each triple of channels (x, y, z) turned about a random axis by up to so many radians. */
        ROTATION(SERIES),
        /** Series: a stretch of this fraction of the time set to 0. */
        TIME_MASK(SERIES),
        /** Series: each channel set to 0 with this probability. */
        CHANNEL_DROP(SERIES),
        /** Series: the time cut into so many segments, in random order. */
        PERMUTATION(SERIES),
        /** Series: time runs faster and slower along a smooth curve. */
        TIME_WARP(SERIES),
        /** Series: values times a smooth curve about 1. */
        MAGNITUDE_WARP(SERIES),
        /** Images: moved by up to this fraction of the sides. */
        SHIFT(IMAGE),
        /** Images: mirrored left to right with this probability. */
        FLIP(IMAGE),
        /** Images: a square of this fraction of the shorter side set to 0. */
        CUTOUT(IMAGE),
        /** Images: Gaussian noise on every value. */
        NOISE(IMAGE),
        /** Images: a Gaussian number added to all values. */
        BRIGHTNESS(IMAGE),
        /** Texts: each token taken out with this probability; the others move up, 0 fills. */
        TOKEN_DROP(TEXT),
        /** Texts: each token replaced by 1, the unknown one, with this probability. */
        TOKEN_MASK(TEXT);

        private final int dimensions;

        Kind(int dimensions) {
            this.dimensions = dimensions;
        }
    }

    /**
     * The perturbation for samples of a shape.
     *
     * @param shape the shape of one sample
     * @throws TrainingException if it is for other samples
     */
    Perturbation perturbation(Shape shape) {
        if (shape.dimension() != kind.dimensions) {
            throw new TrainingException(
                    "perturb: " + kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')
                            + " is for samples of " + kind.dimensions + " dimensions; these have the shape " + shape);
        }
        return switch (kind) {
            case JITTER, NOISE ->
                (values, given, random) -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] += (float) (strength * random.nextGaussian());
                    }
                };
            case SCALING -> this::scale;
            case ROTATION -> this::rotate;
            case TIME_MASK -> this::maskTime;
            case CHANNEL_DROP -> this::dropChannels;
            case PERMUTATION -> this::permute;
            case TIME_WARP -> this::warpTime;
            case MAGNITUDE_WARP -> this::warpMagnitude;
            case SHIFT -> this::shift;
            case FLIP -> this::flip;
            case CUTOUT -> this::cutOut;
            case BRIGHTNESS ->
                (values, given, random) -> {
                    float added = (float) (strength * random.nextGaussian());
                    for (int i = 0; i < values.length; i++) {
                        values[i] += added;
                    }
                };
            case TOKEN_DROP -> (values, given, random) -> dropTokens(values, random);
            case TOKEN_MASK ->
                (values, given, random) -> {
                    for (int i = 0; i < values.length; i++) {
                        if (values[i] != 0 && random.nextDouble() < strength) {
                            values[i] = 1;
                        }
                    }
                };
        };
    }

    private void scale(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        for (int channel = 0; channel < shape.get(0); channel++) {
            float factor = (float) (1 + strength * random.nextGaussian());
            for (int t = channel * time; t < (channel + 1) * time; t++) {
                values[t] *= factor;
            }
        }
    }

    /** Rodrigues' formula: v cos θ + (k × v) sin θ + k (k·v)(1 − cos θ). */
    private void rotate(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        for (int first = 0; first + 2 < shape.get(0); first += 3) {
            double[] axis = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double norm = Math.sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
            double angle = strength * (2 * random.nextDouble() - 1);
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            for (int t = 0; t < time; t++) {
                double x = values[first * time + t];
                double y = values[(first + 1) * time + t];
                double z = values[(first + 2) * time + t];
                double a = axis[0] / norm;
                double b = axis[1] / norm;
                double c = axis[2] / norm;
                double along = (a * x + b * y + c * z) * (1 - cos);
                values[first * time + t] = (float) (x * cos + (b * z - c * y) * sin + a * along);
                values[(first + 1) * time + t] = (float) (y * cos + (c * x - a * z) * sin + b * along);
                values[(first + 2) * time + t] = (float) (z * cos + (a * y - b * x) * sin + c * along);
            }
        }
    }

    private void maskTime(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        int length = (int) Math.round(Math.min(1, strength) * time);
        int begin = random.nextInt(time - length + 1);
        for (int channel = 0; channel < shape.get(0); channel++) {
            Arrays.fill(values, channel * time + begin, channel * time + begin + length, 0);
        }
    }

    private void dropChannels(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        for (int channel = 0; channel < shape.get(0); channel++) {
            if (random.nextDouble() < strength) {
                Arrays.fill(values, channel * time, (channel + 1) * time, 0);
            }
        }
    }

    private void permute(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        int segments = (int) Math.max(1, Math.min(time, Math.round(strength)));
        int[] order = new int[segments];
        Arrays.setAll(order, i -> i);
        for (int i = segments - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        for (int channel = 0; channel < shape.get(0); channel++) {
            float[] old = Arrays.copyOfRange(values, channel * time, (channel + 1) * time);
            int at = channel * time;
            for (int segment : order) {
                int from = segment * time / segments;
                int to = (segment + 1) * time / segments;
                System.arraycopy(old, from, values, at, to - from);
                at += to - from;
            }
        }
    }

    /** A curve through a few random points about 1, straight between them. */
    private double[] curve(int time, RandomGenerator random) {
        double[] knots = new double[KNOTS + 1];
        Arrays.setAll(knots, i -> Math.max(0.05, 1 + strength * random.nextGaussian()));
        double[] curve = new double[time];
        for (int t = 0; t < time; t++) {
            double place = time == 1 ? 0 : (double) t * KNOTS / (time - 1);
            int left = (int) Math.min(KNOTS - 1, Math.floor(place));
            curve[t] = knots[left] + (knots[left + 1] - knots[left]) * (place - left);
        }
        return curve;
    }

    private void warpMagnitude(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        for (int channel = 0; channel < shape.get(0); channel++) {
            double[] curve = curve(time, random);
            for (int t = 0; t < time; t++) {
                values[channel * time + t] *= (float) curve[t];
            }
        }
    }

    private void warpTime(float[] values, Shape shape, RandomGenerator random) {
        int time = (int) shape.get(1);
        double[] places = curve(time, random);
        for (int t = 1; t < time; t++) {
            places[t] += places[t - 1];
        }
        double first = places[0];
        double span = places[time - 1] - first;
        for (int channel = 0; channel < shape.get(0); channel++) {
            float[] old = Arrays.copyOfRange(values, channel * time, (channel + 1) * time);
            for (int t = 0; t < time; t++) {
                double place = span == 0 ? t : (places[t] - first) / span * (time - 1);
                int left = (int) Math.min(Math.max(0, time - 2), Math.floor(place));
                int right = Math.min(time - 1, left + 1);
                values[channel * time + t] = (float) (old[left] + (old[right] - old[left]) * (place - left));
            }
        }
    }

    private void shift(float[] values, Shape shape, RandomGenerator random) {
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        int down = moved(height, random);
        int right = moved(width, random);
        for (int channel = 0; channel < shape.get(0); channel++) {
            int base = channel * height * width;
            float[] old = Arrays.copyOfRange(values, base, base + height * width);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int fromY = y - down;
                    int fromX = x - right;
                    boolean inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
                    // The edge goes on beyond the picture: 0 is no background once values are normalised.
                    int nearY = Math.max(0, Math.min(height - 1, fromY));
                    int nearX = Math.max(0, Math.min(width - 1, fromX));
                    values[base + y * width + x] = inside ? old[fromY * width + fromX] : old[nearY * width + nearX];
                }
            }
        }
    }

    private int moved(int side, RandomGenerator random) {
        int most = (int) Math.round(Math.min(1, strength) * side);
        return random.nextInt(2 * most + 1) - most;
    }

    private void flip(float[] values, Shape shape, RandomGenerator random) {
        if (random.nextDouble() >= strength) {
            return;
        }
        int width = (int) shape.get(2);
        for (int row = 0; row < shape.get(0) * shape.get(1); row++) {
            for (int x = 0; x < width / 2; x++) {
                float swapped = values[row * width + x];
                values[row * width + x] = values[row * width + width - 1 - x];
                values[row * width + width - 1 - x] = swapped;
            }
        }
    }

    private void cutOut(float[] values, Shape shape, RandomGenerator random) {
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        int side = (int) Math.round(Math.min(1, strength) * Math.min(height, width));
        int top = random.nextInt(height - side + 1);
        int left = random.nextInt(width - side + 1);
        for (int channel = 0; channel < shape.get(0); channel++) {
            for (int y = top; y < top + side; y++) {
                int row = (channel * height + y) * width;
                Arrays.fill(values, row + left, row + left + side, 0);
            }
        }
    }

    private void dropTokens(float[] values, RandomGenerator random) {
        int at = 0;
        for (int i = 0; i < values.length; i++) {
            float token = values[i];
            // The first token stays: a text is never empty.
            if (token != 0 && (at == 0 || random.nextDouble() >= strength)) {
                values[at++] = token;
            }
        }
        Arrays.fill(values, at, values.length, 0);
    }
}
