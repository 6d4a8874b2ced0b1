package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/**
 * A backbone whose parameters have published names.
 *
 * @param inputShape the shape of one sample
 * @param classes the number of classes
 * @param stages the stages
 * @param publishedParameters the parameters by their published names
 * @param publishedFiles text files that belong beside them, by name
 * @param figures for the run record
 * @param tokenIds the number of token ids it knows, where samples are token ids
 */
record NamedBackbone(
        Shape inputShape,
        int classes,
        List<Stage> stages,
        Map<String, Parameter> publishedParameters,
        Map<String, String> publishedFiles,
        Map<String, Double> figures,
        OptionalInt tokenIds)
        implements Backbone {
    NamedBackbone {
        stages = List.copyOf(stages);
    }
}
