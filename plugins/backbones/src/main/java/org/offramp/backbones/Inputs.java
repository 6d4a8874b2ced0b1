package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;

/** Checks of what a backbone is built for; every message names the backbone and says what would suit. */
final class Inputs {
    private Inputs() {}

    /** Images {@code (channels, height, width)}. */
    static void requireImage(String backbone, Shape shape, int classes) {
        require(backbone, shape, 3, "images (channels, height, width); for sensor windows use conv1d or mlp", classes);
    }

    /** Windows {@code (channels, time)}. */
    static void requireWindow(String backbone, Shape shape, int classes) {
        require(backbone, shape, 2, "sensor windows (channels, time); for images use convnet or residual", classes);
    }

    /** Token ids {@code (length)}. */
    static void requireTokens(String backbone, Shape shape, int classes) {
        require(backbone, shape, 1, "token ids (length); for images use convnet, for sensor windows conv1d", classes);
    }

    /** Samples of any shape with at least one dimension. */
    static void requireAny(String backbone, Shape shape, int classes) {
        require(backbone, shape, Math.max(1, shape.dimension()), "samples of at least one dimension", classes);
    }

    private static void require(String backbone, Shape shape, int dimensions, String wanted, int classes) {
        boolean suits = shape.dimension() == dimensions;
        for (long size : shape.getShape()) {
            suits &= size >= 1 && size <= Integer.MAX_VALUE;
        }
        if (!suits) {
            throw new IllegalArgumentException(
                    "the backbone '" + backbone + "' needs " + wanted + "; the samples have the shape " + shape);
        }
        if (classes < 2) {
            throw new IllegalArgumentException(
                    "the backbone '" + backbone + "' needs at least 2 classes; there are " + classes);
        }
    }
}
