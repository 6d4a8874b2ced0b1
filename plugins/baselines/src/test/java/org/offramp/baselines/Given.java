package org.offramp.baselines;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Evidence written down by hand or drawn from a seed. */
final class Given {
    private Given() {}

    static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    static FloatMatrix matrix(float[]... rows) {
        float[] values = new float[rows.length * rows[0].length];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, values, row * rows[0].length, rows[0].length);
        }
        return FloatMatrix.wrap(values, rows.length, rows[0].length);
    }

    static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int k = 0; k < logits.length; k++) {
            logits[k] = (float) Math.log(probabilities[k]);
        }
        return logits;
    }

    static Evidence evidence(int exits, FloatMatrix... logits) {
        List<Map<HeadOutput, FloatMatrix>> outputs = new ArrayList<>();
        Arrays.stream(logits).forEach(matrix -> outputs.add(Map.of(HeadOutput.LOGITS, matrix)));
        return new Evidence(exits, outputs);
    }

    static Evidence evidence(FloatMatrix... logits) {
        return evidence(logits.length, logits);
    }

    static FloatMatrix drawn(int rows, int classes, double scale, long seed) {
        RandomGenerator random = random(seed);
        float[] values = new float[rows * classes];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return FloatMatrix.wrap(values, rows, classes);
    }
}
