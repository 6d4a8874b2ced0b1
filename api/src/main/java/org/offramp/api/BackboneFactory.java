package org.offramp.api;

import ai.djl.ndarray.types.Shape;

/**
 * Makes backbones.
 *
 * @param <C> the configuration record
 */
public non-sealed interface BackboneFactory<C extends Record> extends ComponentFactory<C> {
    /**
     * Makes a backbone with uninitialised blocks (or, with {@link Capability#PRETRAINED}, with their parameters set).
     *
     * @param config the bound configuration
     * @param inputShape the shape of one sample, without the batch dimension, e.g. {@code (1, 28, 28)}
     * @param classes the number of classes, at least 2
     * @return a new backbone that shares nothing with earlier ones
     * @throws IllegalArgumentException if the shape or the number of classes does not suit; the message says what would
     */
    Backbone create(C config, Shape inputShape, int classes);
}
