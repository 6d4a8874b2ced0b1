package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A network without early exits, as an ordered list of stages. */
public interface Backbone {
    /** The shape of one sample, without the batch dimension. */
    Shape inputShape();

    /** The number of classes K. */
    int classes();

    /**
     * The stages in order, at least one; the last one ends in the classifier and gives logits of shape
     * {@code (batch, K)}. An early exit may be placed after every stage but the last.
     */
    List<Stage> stages();

    /**
     * The number of token ids it knows where a sample is a row of token ids, which are then below this number; empty for other
     * samples. The host refuses a dataset with more.
     */
    default OptionalInt tokenIds() {
        return OptionalInt.empty();
    }

    /**
     * Its parameters by the names that published weights have for them, such as those of torchvision or Hugging Face; empty where
     * there are none. A bundle keeps them in a file of their own that the same backbone reads.
     */
    default Map<String, Parameter> publishedParameters() {
        return Map.of();
    }

    /**
     * Text files that belong beside the published parameters, by name: Hugging Face's {@code config.json}. A bundle keeps them under these
     * names.
     */
    default Map<String, String> publishedFiles() {
        return Map.of();
    }

    /** Figures of its own for the run record, by name with unit, such as {@code weight-bytes} of compressed weights. */
    default Map<String, Double> figures() {
        return Map.of();
    }

    /**
     * A backbone made of a list of stages.
     *
     * @param inputShape the shape of one sample, without the batch dimension
     * @param classes the number of classes K
     * @param stages the stages
     */
    static Backbone of(Shape inputShape, int classes, List<Stage> stages) {
        List<Stage> copy = List.copyOf(stages);
        return new Backbone() {
            @Override
            public Shape inputShape() {
                return inputShape;
            }

            @Override
            public int classes() {
                return classes;
            }

            @Override
            public List<Stage> stages() {
                return copy;
            }
        };
    }
}
