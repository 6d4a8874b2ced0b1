package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.Examples;

/**
 * A dataset whose first test samples are for calibration.
 *
 * @param whole the dataset with all test samples
 * @param size how many are kept back
 */
record KeptBack(Dataset whole, int size) implements Dataset {
    /** Neighbouring samples of others, with their own ids. */
    private record Part(Examples whole, int from, int size) implements Examples {
        @Override
        public String id(int index) {
            return whole.id(from + index);
        }

        @Override
        public int label(int index) {
            return whole.label(from + index);
        }

        @Override
        public void read(int index, float[] target, int offset) {
            whole.read(from + index, target, offset);
        }

        @Override
        public String group(int index) {
            return whole.group(from + index);
        }
    }

    @Override
    public Shape sampleShape() {
        return whole.sampleShape();
    }

    @Override
    public List<String> classNames() {
        return whole.classNames();
    }

    @Override
    public Examples train() {
        return whole.train();
    }

    @Override
    public Optional<Examples> calibration() {
        return Optional.of(part(0, size));
    }

    @Override
    public Optional<Examples> unlabelled() {
        return whole.unlabelled();
    }

    @Override
    public Examples test() {
        return part(size, whole.test().size() - size);
    }

    private Examples part(int from, int count) {
        int all = whole.test().size();
        if (size >= all) {
            throw new DatasetException(
                    "data.calibration: " + size + " samples are asked for, there are " + all + " test samples");
        }
        return new Part(whole.test(), from, count);
    }
}
