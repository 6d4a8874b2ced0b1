package org.offramp.api;

import ai.djl.nn.Block;
import java.util.List;

/**
 * A head at an exit. Its block receives the activation {@code (batch, …)} at that exit, then the listed inputs in order, and
 * returns one array {@code (batch, k)}.
 *
 * @param exit the exit, counted from 1; the last exit's logits come from the backbone itself
 * @param output what the head gives
 * @param block the block; uninitialised, or with its parameters already set
 * @param inputs outputs of this or earlier exits that the block receives beside the activation
 */
public record Head(int exit, HeadOutput output, Block block, List<Input> inputs) {
    /** Checks that every input lies before this head. */
    public Head {
        inputs = List.copyOf(inputs);
        for (Input input : inputs) {
            if (input.exit() > exit || (input.exit() == exit && input.output() == output)) {
                throw new IllegalArgumentException("the head " + output + " of exit " + exit + " cannot read " + input);
            }
        }
    }

    /**
     * A head that reads the activation alone.
     *
     * @param exit the exit, counted from 1
     * @param output what the head gives
     * @param block the block
     */
    public Head(int exit, HeadOutput output, Block block) {
        this(exit, output, block, List.of());
    }

    /**
     * An output of this or an earlier exit that a head reads. No gradient flows back through it.
     *
     * @param exit the exit, counted from 1
     * @param output the output
     */
    public record Input(int exit, HeadOutput output) {}
}
