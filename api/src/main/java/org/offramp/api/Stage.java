package org.offramp.api;

import ai.djl.nn.Block;
import java.util.Optional;

/**
 * A block that maps the activation at one cut to the next: one array in, one array out, the batch first.
 *
 * @param name the stage's name, unique in its backbone
 * @param block the block; its answer for a sample does not depend on the other samples of the batch in inference
 * @param archived the archive that the stage is, where it is one; empty for a block that the host looks into, as nearly always
 */
public record Stage(String name, Block block, Optional<ArchivedStage> archived) {
    /** Checks the parts. */
    public Stage {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a stage's name is blank");
        }
    }

    /**
     * A stage whose operations the host sees and counts.
     *
     * @param name the stage's name, unique in its backbone
     * @param block the block
     */
    public Stage(String name, Block block) {
        this(name, block, Optional.empty());
    }
}
