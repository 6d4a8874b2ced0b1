package org.offramp.host.testing;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/** Images (1, 8, 8) of stripes among noise: four directions, some easy and some hard. */
public final class Blobs implements Dataset {
    private final int train;
    private final Examples test;

    /**
     * A dataset of the given sizes.
     *
     * @param train training samples
     * @param test test samples
     */
    public Blobs(int train, int test) {
        this(train, images("test-", test, 7));
    }

    private Blobs(int train, Examples test) {
        this.train = train;
        this.test = test;
    }

    /** A dataset whose test split throws when it is touched. */
    public static Dataset withoutTest(int train) {
        return new Dataset() {
            private final Blobs blobs = new Blobs(train, 1);

            @Override
            public Shape sampleShape() {
                return blobs.sampleShape();
            }

            @Override
            public List<String> classNames() {
                return blobs.classNames();
            }

            @Override
            public Examples train() {
                return blobs.train();
            }

            @Override
            public Examples test() {
                throw new AssertionError("the test split was touched");
            }
        };
    }

    @Override
    public Shape sampleShape() {
        return new Shape(1, 8, 8);
    }

    @Override
    public List<String> classNames() {
        return List.of("rows", "columns", "diagonals", "checkers");
    }

    @Override
    public Examples train() {
        return images("train-", train, 3);
    }

    @Override
    public Examples test() {
        return test;
    }

    private static Examples images(String prefix, int size, long seed) {
        float[][] values = IntStream.range(0, size)
                .mapToObj(index -> image(seed * 1_000_003 + index, index % 4))
                .toArray(float[][]::new);
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
                return index % 4;
            }

            @Override
            public void read(int index, float[] target, int offset) {
                System.arraycopy(values[index], 0, target, offset, 64);
            }
        };
    }

    private static float[] image(long seed, int label) {
        SplittableRandom random = new SplittableRandom(seed);
        float contrast = 0.05f + 0.5f * (float) random.nextDouble();
        float[] values = new float[64];
        for (int i = 0; i < 64; i++) {
            int row = i / 8;
            int column = i % 8;
            boolean bright = switch (label) {
                case 0 -> row % 2 == 0;
                case 1 -> column % 2 == 0;
                case 2 -> (row + column) % 4 < 2;
                default -> (row + column) % 2 == 0;
            };
            values[i] = 0.2f * (float) random.nextDouble() + (bright ? contrast : 0.1f * (float) random.nextDouble());
        }
        return values;
    }
}
