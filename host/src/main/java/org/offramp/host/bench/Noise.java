package org.offramp.host.bench;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/**
 * Samples of random values with random labels: for measuring speed, not for learning.
 *
 * @param sampleShape the shape of a sample
 * @param classes the number of classes, at least 2
 * @param size the number of samples of each split
 */
record Noise(Shape sampleShape, int classes, int size) implements Dataset {
    @Override
    public List<String> classNames() {
        return IntStream.range(0, classes).mapToObj(k -> "class-" + k).toList();
    }

    @Override
    public Examples train() {
        return examples("train-");
    }

    @Override
    public Examples test() {
        return examples("test-");
    }

    private Examples examples(String prefix) {
        float[] pool = new float[(int) sampleShape.size() + size];
        Random random = new Random(1);
        for (int i = 0; i < pool.length; i++) {
            pool[i] = random.nextFloat();
        }
        return new Examples() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public String id(int index) {
                return prefix + index;
            }

            @Override
            public int label(int index) {
                return index % classes;
            }

            @Override
            public void read(int index, float[] target, int offset) {
                System.arraycopy(pool, index, target, offset, (int) sampleShape.size());
            }
        };
    }
}
