package org.offramp.host.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Perturbation;

/** Makes arrays of samples. */
public final class Batches {
    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private Batches() {}

    /**
     * A deterministic generator.
     *
     * @param seed the seed
     */
    public static RandomGenerator random(long seed) {
        return GENERATORS.create(seed);
    }

    /**
     * Reads samples into one array {@code (batch, …)}.
     *
     * @param manager owns the array
     * @param samples the samples
     * @param positions which of them, in the wanted order
     */
    public static NDArray read(NDManager manager, SampleSet samples, int[] positions) {
        return read(manager, samples, positions, null, 0);
    }

    /**
     * Reads samples into one array and changes each by its own seeded generator.
     *
     * @param manager owns the array
     * @param samples the samples
     * @param positions which of them, in the wanted order
     * @param perturbation changes a sample; null leaves it
     * @param seed with the sample's index seeds its generator, whatever batch it is in
     */
    public static NDArray read(
            NDManager manager, SampleSet samples, int[] positions, @Nullable Perturbation perturbation, long seed) {
        int size = Math.toIntExact(samples.shape().size());
        float[] values = new float[size];
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(4, Math.multiplyExact(size, positions.length)))
                .order(ByteOrder.nativeOrder());
        for (int position : positions) {
            samples.read(position, values, 0);
            if (perturbation != null) {
                perturbation.apply(
                        values, samples.shape(), random(seed * 0x9E3779B97F4A7C15L + samples.index(position)));
            }
            for (float value : values) {
                buffer.putFloat(value);
            }
        }
        buffer.rewind();
        // The engine computes in the buffer itself, whose alignment varies from run to run, and with it the last digits
        // of products:
        // the copy lies in the engine's own, aligned memory.
        try (NDArray inBuffer =
                manager.create(buffer.asFloatBuffer(), new Shape(positions.length).addAll(samples.shape()))) {
            return inBuffer.duplicate();
        }
    }

    /**
     * The labels of samples, {@code (batch)}, INT64.
     *
     * @param manager owns the array
     * @param samples the samples
     * @param positions which of them, in the wanted order
     */
    public static NDArray labels(NDManager manager, SampleSet samples, int[] positions) {
        long[] labels = new long[positions.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = samples.label(positions[i]);
        }
        return manager.create(labels);
    }
}
