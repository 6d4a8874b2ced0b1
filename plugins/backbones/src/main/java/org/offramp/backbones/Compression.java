package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * What is done to published weights as they are read: magnitude pruning, then rounding to whole numbers of few bits. Only weights of
 * convolutions, linear layers and embeddings change, not biases and normalisations. The network still computes with float32: the figures
 * say what accuracy such weights give and how large they would be, not how fast they would run.
 *
 * @param pruned the fraction of every weight tensor, those of least magnitude, that is set to 0
 * @param bits the bits of a weight, 2 to 8, symmetric, one scale per output channel; 32 leaves weights as they are
 */
record Compression(double pruned, int bits) {
    static final Compression NONE = new Compression(0, 32);

    /** Checks the numbers. */
    Compression {
        if (!(pruned >= 0) || pruned >= 1) {
            throw new IllegalArgumentException("prune is " + pruned + "; allowed is 0 to below 1");
        }
        if (bits != 32 && (bits < 2 || bits > 8)) {
            throw new IllegalArgumentException("weight-bits is " + bits + "; allowed are 2 to 8, and 32 for none");
        }
    }

    boolean isNone() {
        return pruned == 0 && bits == 32;
    }

    /** Whether a tensor of this shape holds weights rather than biases or statistics. */
    static boolean isWeight(Shape shape) {
        return shape.dimension() >= 2;
    }

    /**
     * Changes the values of a tensor in place.
     *
     * @param values row by row
     * @param shape the output channels first
     */
    void apply(float[] values, Shape shape) {
        if (!isWeight(shape)) {
            return;
        }
        prune(values);
        if (bits != 32) {
            int perChannel = Math.toIntExact(shape.size() / Math.max(1, shape.get(0)));
            for (int from = 0; from < values.length; from += perChannel) {
                round(values, from, from + perChannel);
            }
        }
    }

    private void prune(float[] values) {
        int count = (int) (values.length * pruned);
        if (count == 0) {
            return;
        }
        float[] magnitudes = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            magnitudes[i] = Math.abs(values[i]);
        }
        Arrays.sort(magnitudes);
        float limit = magnitudes[count - 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]) <= limit ? 0 : values[i];
        }
    }

    private void round(float[] values, int from, int to) {
        float greatest = 0;
        for (int i = from; i < to; i++) {
            greatest = Math.max(greatest, Math.abs(values[i]));
        }
        float scale = greatest / ((1 << (bits - 1)) - 1);
        for (int i = from; i < to && scale > 0; i++) {
            values[i] = Math.round(values[i] / scale) * scale;
        }
    }

    /** The bytes that a tensor of this shape takes: rounded weights with one 4-byte scale per channel, everything else 4 bytes each. */
    long bytes(Shape shape) {
        return isWeight(shape) && bits != 32 ? (shape.size() * bits + 7) / 8 + 4 * shape.get(0) : 4 * shape.size();
    }
}
