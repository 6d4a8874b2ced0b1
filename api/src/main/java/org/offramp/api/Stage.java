package org.offramp.api;

import ai.djl.nn.Block;

/**
 * A block that maps the activation at one cut to the next: one array in, one array out, the batch first.
 *
 * @param name the stage's name, unique in its backbone
 * @param block the block; its answer for a sample does not depend on the other samples of the batch in inference
 */
public record Stage(String name, Block block) {
    /** Checks the parts. */
    public Stage {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a stage's name is blank");
        }
    }
}
