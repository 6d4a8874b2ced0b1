package org.offramp.sidenet;

import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.util.Arrays;
import java.util.List;
import org.offramp.api.TrainingException;

/** How an activation becomes a vector. Tokens are {@code (channels, positions)}, maps {@code (channels, height, width)}. */
enum Pooling {
    /** The mean over all positions; of the transformers here it is the mean over the tokens, padding left out. */
    GAP("gap", 1, 3, 1),
    /** The same, as it is called for text. */
    MEAN("mean", 1, 3, 1),
    /** The means over the quarters of a map, which overlap by a row or column where a side is odd. */
    QUARTERS("2x2", 3, 3, 2),
    /** The means over the sixteenths of a map, which overlap where a side is no multiple of 4; of a side below 4 its positions. */
    SIXTEENTHS("4x4", 3, 3, 4),
    /** The first token, which is [CLS] where a tokenizer adds it. */
    CLS("cls", 2, 2, 1);

    private final String word;
    private final int least;
    private final int most;
    private final int parts;

    Pooling(String word, int least, int most, int parts) {
        this.word = word;
        this.least = least;
        this.most = most;
        this.parts = parts;
    }

    static Pooling of(String word) {
        List<String> words = Arrays.stream(values()).map(each -> each.word).toList();
        if (!words.contains(word)) {
            throw new IllegalArgumentException("pool is '" + word + "'; allowed are " + String.join(", ", words));
        }
        return values()[words.indexOf(word)];
    }

    /**
     * Adds blocks without parameters that give {@code (batch, features)}.
     *
     * @param block receives them
     * @param exit the exit, for the message
     * @param activation the shape of the activation there, without the batch
     * @throws TrainingException if the activation is of another kind
     */
    void addTo(SequentialBlock block, int exit, Shape activation) {
        int dimensions = activation.dimension();
        if (dimensions < least || dimensions > most) {
            throw new TrainingException("trainer 'sidenet': pool " + word + " takes "
                    + (this == CLS ? "tokens (channels, positions)" : "maps (channels, height, width)")
                    + "; the activation at exit " + exit + " has the shape " + activation);
        }
        if (this == CLS) {
            block.add(LambdaBlock.singleton(x -> x.get(new NDIndex(":, :, 0")), "firstToken"));
        } else if (parts > 1) {
            block.add(Pool.avgPool2dBlock(
                            new Shape(window(activation.get(1)), window(activation.get(2))),
                            new Shape(step(activation.get(1)), step(activation.get(2)))))
                    .add(Blocks.batchFlattenBlock());
        } else if (dimensions == 3) {
            block.add(Pool.globalAvgPool2dBlock());
        } else if (dimensions == 2) {
            block.add(Pool.globalAvgPool1dBlock());
        }
    }

    private long window(long side) {
        return Math.max(1, side - (parts - 1) * step(side));
    }

    private long step(long side) {
        return Math.max(1, side / parts);
    }
}
