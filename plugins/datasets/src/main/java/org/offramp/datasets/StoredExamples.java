package org.offramp.datasets;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.offramp.api.DatasetException;
import org.offramp.api.Examples;

/** Samples in memory: bytes that stand for 0 … 1, or numbers. */
final class StoredExamples implements Examples {
    private static final int NO_LABEL = -1;

    private final String split;
    private final Values values;
    private final int[] labels;
    private final List<String> groups;

    /** Reads one sample's values. */
    interface Values {
        void read(int index, float[] target, int offset);
    }

    private StoredExamples(String split, Values values, int[] labels, List<String> groups) {
        this.split = split;
        this.values = values;
        this.labels = labels;
        this.groups = groups;
    }

    /** Bytes 0 … 255 for 0 … 1, sample after sample. */
    static StoredExamples ofBytes(String split, byte[] pixels, int sampleSize, int[] labels) {
        return new StoredExamples(
                split,
                (index, target, offset) -> {
                    int begin = index * sampleSize;
                    for (int i = 0; i < sampleSize; i++) {
                        target[offset + i] = (pixels[begin + i] & 0xff) / 255f;
                    }
                },
                labels,
                List.of());
    }

    /** Numbers, sample after sample. */
    static StoredExamples ofFloats(String split, float[] numbers, int sampleSize, int[] labels, List<String> groups) {
        return new StoredExamples(
                split,
                (index, target, offset) -> System.arraycopy(numbers, index * sampleSize, target, offset, sampleSize),
                labels,
                groups);
    }

    /** Numbers without labels: asking for one is an error. */
    static StoredExamples unlabelled(float[] numbers, int sampleSize) {
        int[] none = new int[numbers.length / sampleSize];
        Arrays.fill(none, NO_LABEL);
        return ofFloats("unlabelled", numbers, sampleSize, none, List.of());
    }

    /** Bytes without labels. */
    static StoredExamples unlabelled(byte[] pixels, int sampleSize) {
        int[] none = new int[pixels.length / sampleSize];
        Arrays.fill(none, NO_LABEL);
        return ofBytes("unlabelled", pixels, sampleSize, none);
    }

    /** The first samples only, or all where no number is given. */
    static int limited(int size, java.util.Optional<Integer> limit, String key) {
        if (limit.isPresent() && limit.get() > size) {
            throw new DatasetException(key + ": " + limit.get() + " samples are asked for, there are " + size);
        }
        return limit.orElse(size);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public String id(int index) {
        return String.format(Locale.ROOT, "%s-%06d", split, index);
    }

    @Override
    public int label(int index) {
        if (labels[index] == NO_LABEL) {
            throw new IllegalStateException(id(index) + " has no label");
        }
        return labels[index];
    }

    @Override
    public void read(int index, float[] target, int offset) {
        values.read(index, target, offset);
    }

    @Override
    public String group(int index) {
        return groups.isEmpty() ? id(index) : groups.get(index);
    }
}
