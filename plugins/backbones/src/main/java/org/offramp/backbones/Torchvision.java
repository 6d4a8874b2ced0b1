package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** The last step of every backbone in torchvision's layout. */
final class Torchvision {
    private Torchvision() {}

    /**
     * A backbone, with its published weights where a file is named.
     *
     * @param dict its parameters under torchvision's names
     * @param weights the file
     * @param classifier what the classifier's names begin with
     * @param newClassifier whether the classifier is left at random
     * @throws IllegalArgumentException if the weights do not fit; the message names the tensor
     */
    static Backbone backbone(
            Shape inputShape,
            int classes,
            List<Stage> stages,
            StateDict dict,
            Optional<String> weights,
            String classifier,
            boolean newClassifier) {
        Map<String, Double> figures = weights.map(file -> new PretrainedWeights(
                                Path.of(file),
                                name -> false,
                                name -> newClassifier && name.startsWith(classifier),
                                Compression.NONE)
                        .give(dict, PretrainedWeights.blocks(stages), inputShape))
                .orElse(Map.of());
        return new NamedBackbone(
                inputShape, classes, stages, dict.parameters(), Map.of(), figures, OptionalInt.empty());
    }
}
