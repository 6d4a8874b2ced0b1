package org.offramp.host.testing;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/**
 * The same training samples with other labels.
 *
 * @param dataset the samples
 * @param relabel says which label each has
 */
public record Relabelled(Dataset dataset, Relabel relabel) implements Dataset {
    /** Relabels a sample. */
    public interface Relabel {
        /** The label that replaces another. */
        int of(String id, int label);
    }

    @Override
    public Shape sampleShape() {
        return dataset.sampleShape();
    }

    @Override
    public List<String> classNames() {
        return dataset.classNames();
    }

    @Override
    public Examples test() {
        return dataset.test();
    }

    @Override
    public Examples train() {
        Examples examples = dataset.train();
        return new Examples() {
            @Override
            public int size() {
                return examples.size();
            }

            @Override
            public String id(int index) {
                return examples.id(index);
            }

            @Override
            public int label(int index) {
                return relabel.of(examples.id(index), examples.label(index));
            }

            @Override
            public void read(int index, float[] target, int offset) {
                examples.read(index, target, offset);
            }
        };
    }
}
