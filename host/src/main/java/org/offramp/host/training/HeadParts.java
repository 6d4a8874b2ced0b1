package org.offramp.host.training;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.offramp.api.Head;

/**
 * A head in two parts: its beginning as far as that has no parameters and no dropout, such as pooling, and the rest. On a frozen stage what the beginning
 * gives is the same in every epoch.
 *
 * @param beginning the blocks without parameters, perhaps none
 * @param rest the others, in order
 */
record HeadParts(List<Block> beginning, List<Block> rest) {
    static HeadParts of(Head head) {
        List<Block> blocks = head.block() instanceof SequentialBlock sequence
                ? sequence.getChildren().values()
                : List.of(head.block());
        List<Block> beginning = new ArrayList<>();
        for (Block block : blocks) {
            if (!block.getParameters().isEmpty() || isRandom(block)) {
                break;
            }
            beginning.add(block);
        }
        return new HeadParts(List.copyOf(beginning), List.copyOf(blocks.subList(beginning.size(), blocks.size())));
    }

    private static boolean isRandom(Block block) {
        return block instanceof Dropout || block.getChildren().values().stream().anyMatch(HeadParts::isRandom);
    }

    /** Runs blocks one after the other. */
    static NDList run(List<Block> blocks, ParameterStore store, NDList input, boolean training) {
        NDList current = input;
        for (Block block : blocks) {
            current = block.forward(store, current, training);
        }
        return current;
    }
}
