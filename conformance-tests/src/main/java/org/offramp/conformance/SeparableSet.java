package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/**
 * Small grey images of three classes that any classifier can tell apart, by place and by brightness: bright in the upper third, two
 * thirds or wholly, with little noise.
 *
 * @param labels the class of a training sample, by its number
 * @param noise the deviation of the noise; NaN spoils every value
 */
record SeparableSet(IntUnaryOperator labels, double noise) implements Dataset {
    static final int CLASSES = 3;
    static final int SIDE = 8;

    private static final int TRAIN = 72;
    private static final int TEST = 12;

    /** Every class as often, all values sound. */
    SeparableSet() {
        this(index -> index % CLASSES, 0.1);
    }

    @Override
    public Shape sampleShape() {
        return new Shape(1, SIDE, SIDE);
    }

    @Override
    public List<String> classNames() {
        return List.of("third", "two-thirds", "whole");
    }

    @Override
    public Examples train() {
        return new Images("train", TRAIN, labels);
    }

    @Override
    public Examples test() {
        return new Images("test", TEST, index -> index % CLASSES);
    }

    /** The id of a training sample, by which it is put into a split. */
    static String trainingId(int index) {
        return "train/" + index;
    }

    /** Computed images. */
    private final class Images implements Examples {
        private final String split;
        private final int size;
        private final IntUnaryOperator classes;

        Images(String split, int size, IntUnaryOperator classes) {
            this.split = split;
            this.size = size;
            this.classes = classes;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public String id(int index) {
            return split + "/" + index;
        }

        @Override
        public int label(int index) {
            return classes.applyAsInt(index);
        }

        @Override
        public void read(int index, float[] target, int offset) {
            SplittableRandom random = new SplittableRandom(31L * index + split.length());
            for (int i = 0; i < SIDE * SIDE; i++) {
                boolean bright = i * CLASSES / (SIDE * SIDE) <= label(index);
                target[offset + i] = (float) ((bright ? 0.8 : 0.1) + noise * random.nextDouble());
            }
        }
    }
}
