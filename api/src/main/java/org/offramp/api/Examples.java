package org.offramp.api;

/** The samples of one split. Thread-safe; the same index always gives the same values. */
public interface Examples {
    /** The number of samples. */
    int size();

    /**
     * The sample's id, unique in its split and stable over runs and machines; the host splits by its hash.
     *
     * @param index {@code 0 … size() - 1}
     */
    String id(int index);

    /**
     * The sample's label.
     *
     * @param index {@code 0 … size() - 1}
     * @return an index into {@link Dataset#classNames()}
     */
    int label(int index);

    /**
     * Copies the sample's values in row-major order.
     *
     * @param index {@code 0 … size() - 1}
     * @param target receives {@code sampleShape().size()} values; images in 0 … 1, not yet normalised
     * @param offset where to begin in the target
     */
    void read(int index, float[] target, int offset);

    /**
     * The group that must not be divided between splits, such as the person a window was measured on. The default is the
     * sample itself.
     *
     * @param index {@code 0 … size() - 1}
     */
    default String group(int index) {
        return id(index);
    }
}
