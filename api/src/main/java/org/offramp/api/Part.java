package org.offramp.api;

import java.util.LinkedHashSet;
import java.util.Set;

/** A part of the network that a phase may train. */
public sealed interface Part {
    /**
     * The backbone's stages between two exits.
     *
     * @param from the first stage's exit, counted from 1
     * @param to the last stage's exit
     */
    static Set<Part> stages(int from, int to) {
        Set<Part> parts = new LinkedHashSet<>();
        for (int exit = from; exit <= to; exit++) {
            parts.add(new OfStage(exit));
        }
        return parts;
    }

    /**
     * The heads of one kind between two exits.
     *
     * @param output what the heads give
     * @param from the first exit, counted from 1
     * @param to the last exit
     */
    static Set<Part> heads(HeadOutput output, int from, int to) {
        Set<Part> parts = new LinkedHashSet<>();
        for (int exit = from; exit <= to; exit++) {
            parts.add(new OfHead(exit, output));
        }
        return parts;
    }

    /**
     * The backbone's stage n, the one that ends at exit n.
     *
     * @param exit the exit, counted from 1
     */
    record OfStage(int exit) implements Part {}

    /**
     * A head.
     *
     * @param exit the exit, counted from 1
     * @param output what the head gives
     */
    record OfHead(int exit, HeadOutput output) implements Part {}
}
