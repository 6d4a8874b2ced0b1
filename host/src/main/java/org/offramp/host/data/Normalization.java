package org.offramp.host.data;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.offramp.api.Examples;

/**
 * Subtracts a mean and divides by a standard deviation, per channel: the first dimension of shapes with more than one,
 * otherwise the whole sample.
 *
 * @param mean one number per channel
 * @param deviation one positive number per channel
 */
public record Normalization(List<Float> mean, List<Float> deviation) {
    private static final int MOST_SAMPLES = 5_000;
    private static final Normalization IMAGENET =
            new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    /** Where means and deviations come from. */
    public enum Kind {
        /** The training samples, per channel. */
        CHANNEL,
        /** The ImageNet training set, as most published weights expect; for three channels. */
        IMAGENET,
        /** Nowhere: values stay as they are. */
        NONE
    }

    /**
     * The normalisation of a kind.
     *
     * @param kind the kind
     * @param examples where to read
     * @param indices the training samples
     * @param shape the shape of one sample
     * @throws org.offramp.api.DatasetException if the kind does not suit the shape
     */
    static Normalization of(Kind kind, Examples examples, int[] indices, Shape shape) {
        return switch (kind) {
            case CHANNEL -> measure(examples, indices, shape);
            case NONE -> none();
            case IMAGENET -> {
                if (shape.dimension() != 3 || shape.get(0) != 3) {
                    throw new org.offramp.api.DatasetException(
                            "normalize: imagenet is for images of three channels; the samples" + " have the shape "
                                    + shape);
                }
                yield IMAGENET;
            }
        };
    }

    /** Copies and checks. */
    public Normalization {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != deviation.size()) {
            throw new IllegalArgumentException(mean.size() + " means and " + deviation.size() + " deviations");
        }
    }

    /** Leaves values as they are. */
    public static Normalization none() {
        return new Normalization(List.of(), List.of());
    }

    /**
     * The channels' mean and standard deviation over training samples, at most the first 5,000 of them.
     *
     * @param examples where to read
     * @param indices the training samples
     * @param shape the shape of one sample
     */
    static Normalization measure(Examples examples, int[] indices, Shape shape) {
        int channels = channels(shape);
        int size = (int) shape.size();
        int positions = size / channels;
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        float[] sample = new float[size];
        int count = Math.min(indices.length, MOST_SAMPLES);
        for (int i = 0; i < count; i++) {
            examples.read(indices[i], sample, 0);
            for (int j = 0; j < size; j++) {
                sum[j / positions] += sample[j];
                squares[j / positions] += (double) sample[j] * sample[j];
            }
        }
        Float[] mean = new Float[channels];
        Float[] deviation = new Float[channels];
        double values = (double) count * positions;
        for (int channel = 0; channel < channels; channel++) {
            double average = sum[channel] / values;
            double variance = squares[channel] / values - average * average;
            mean[channel] = (float) average;
            // A constant channel is centred and left at that.
            deviation[channel] = variance > 1e-12 ? (float) Math.sqrt(variance) : 1f;
        }
        return new Normalization(Arrays.asList(mean), Arrays.asList(deviation));
    }

    /**
     * Normalises one sample in place.
     *
     * @param values holds the sample
     * @param offset where it begins
     * @param size its number of values
     */
    public void apply(float[] values, int offset, int size) {
        if (mean.isEmpty()) {
            return;
        }
        int positions = size / mean.size();
        for (int channel = 0; channel < mean.size(); channel++) {
            float center = mean.get(channel);
            float scale = 1f / deviation.get(channel);
            int begin = offset + channel * positions;
            for (int i = begin; i < begin + positions; i++) {
                values[i] = (values[i] - center) * scale;
            }
        }
    }

    private static int channels(Shape shape) {
        return shape.dimension() > 1 ? (int) shape.get(0) : 1;
    }
}
