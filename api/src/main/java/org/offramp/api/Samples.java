package org.offramp.api;

import java.util.random.RandomGenerator;

/** An immutable set of samples of one split, in a fixed order. Made by the host and by the methods here. */
public interface Samples {
    /** The number of samples. */
    int size();

    /** The number of samples of each class, K numbers; all 0 for unlabelled samples. */
    int[] classCounts();

    /**
     * These samples without the others.
     *
     * @param others samples of the same split
     */
    Samples minus(Samples others);

    /**
     * These samples and the others, each once, in the split's order.
     *
     * @param others samples of the same split
     */
    Samples union(Samples others);

    /**
     * A random subset.
     *
     * @param size the wanted number; all samples where there are fewer
     * @param random the source of chance
     */
    Samples draw(int size, RandomGenerator random);
}
