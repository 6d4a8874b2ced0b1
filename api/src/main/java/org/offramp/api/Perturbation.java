package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import java.util.random.RandomGenerator;

/** Changes a sample without changing its class. Composable; deterministic for a given source of chance. */
@Experimental("works on one sample as a plain array; a form for whole batches may take its place")
@FunctionalInterface
public interface Perturbation {
    /**
     * Changes a sample in place.
     *
     * @param sample the values in row-major order, already normalised
     * @param shape the sample's shape, without the batch dimension
     * @param random seeded by the host from run, phase, epoch and sample
     */
    void apply(float[] sample, Shape shape, RandomGenerator random);

    /**
     * This perturbation, then another.
     *
     * @param next the other
     */
    default Perturbation then(Perturbation next) {
        return (sample, shape, random) -> {
            apply(sample, shape, random);
            next.apply(sample, shape, random);
        };
    }
}
