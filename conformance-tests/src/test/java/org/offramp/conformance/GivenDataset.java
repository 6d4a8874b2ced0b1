package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Supplier;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** A dataset of computed images; without changes it passes every rule. */
record GivenDataset(Supplier<Dataset> opening) implements DatasetFactory<GivenDataset.Config> {
    static final List<String> NAMES = List.of("left", "middle", "right");

    /** The right one. */
    GivenDataset() {
        this(() -> of(new Images("train", 30), new Images("test", 9)));
    }

    /**
     * The keys.
     *
     * @param shuffled whether the order is mixed
     */
    record Config(
            @Key(value = "whether the order is mixed", defaultValue = "false")
            boolean shuffled) {}

    static Dataset of(Examples train, Examples test) {
        return new Given(new Shape(1, 4, 4), NAMES, train, test);
    }

    static DatasetSubject<?> subject(Supplier<Dataset> opening) {
        return DatasetSubject.ofDefaults(new GivenDataset(opening));
    }

    @Override
    public String name() {
        return "given";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        return opening.get();
    }

    /** A dataset of given parts. */
    record Given(Shape sampleShape, List<String> classNames, Examples train, Examples test) implements Dataset {}

    /** Right samples, open to one change each. */
    static class Images implements Examples {
        static final int VALUES = 16;

        private final String split;
        private final int size;

        Images(String split, int size) {
            this.split = split;
            this.size = size;
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
            return index % NAMES.size();
        }

        @Override
        public void read(int index, float[] target, int offset) {
            for (int i = 0; i < VALUES; i++) {
                target[offset + i] = value(index, i);
            }
        }

        float value(int index, int place) {
            return (index * 31 + place * 7 + split.length()) % 17 / 17f;
        }
    }
}
