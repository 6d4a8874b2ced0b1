package org.offramp.api;

/** A part of the network that a phase may train. */
public sealed interface Part {
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
