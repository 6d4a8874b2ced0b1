package org.offramp.api;

import ai.djl.nn.Block;
import java.util.OptionalLong;

/**
 * A block that maps the activation at one cut to the next: one array in, one array out, the batch first.
 *
 * @param name the stage's name, unique in its backbone
 * @param block the block; its answer for a sample does not depend on the other samples of the batch in inference
 * @param declaredMacs the MACs of one sample, where the block runs as one call that the host cannot look into; empty where the host
 *     is to count them, as nearly always
 */
public record Stage(String name, Block block, OptionalLong declaredMacs) {
    /** Checks the parts. */
    public Stage {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a stage's name is blank");
        }
        if (declaredMacs.isPresent() && declaredMacs.getAsLong() < 0) {
            throw new IllegalArgumentException("stage '" + name + "' declares " + declaredMacs.getAsLong() + " MACs");
        }
    }

    /**
     * A stage whose MACs the host counts.
     *
     * @param name the stage's name, unique in its backbone
     * @param block the block
     */
    public Stage(String name, Block block) {
        this(name, block, OptionalLong.empty());
    }
}
