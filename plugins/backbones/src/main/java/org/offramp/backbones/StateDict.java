package org.offramp.backbones;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The parameters of a network under the names that PyTorch state dicts give them. */
final class StateDict {
    private static final Map<String, String> WORDS = Map.of(
            "weight", "weight",
            "bias", "bias",
            "gamma", "weight",
            "beta", "bias",
            "runningMean", "running_mean",
            "runningVar", "running_var");

    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    /**
     * Names the parameters of one layer: a convolution, a linear layer or a normalisation.
     *
     * @param prefix the layer's name, such as {@code layer1.0.conv1}
     * @param layer the layer
     * @return the layer
     */
    <B extends Block> B name(String prefix, B layer) {
        for (Pair<String, Parameter> pair : layer.getDirectParameters()) {
            String word = WORDS.get(pair.getKey());
            if (word == null) {
                throw new IllegalStateException("no name for the parameter " + pair.getKey() + " of " + prefix);
            }
            put(prefix + "." + word, pair.getValue());
        }
        return layer;
    }

    /**
     * Names one parameter.
     *
     * @param name its full name
     * @param parameter the parameter
     */
    void put(String name, Parameter parameter) {
        if (parameters.put(name, parameter) != null) {
            throw new IllegalStateException("two parameters have the name " + name);
        }
    }

    /**
     * Names all parameters of blocks in their order.
     *
     * @param blocks the blocks
     * @param names as many names as there are parameters
     */
    static StateDict inOrder(List<Block> blocks, List<String> names) {
        List<Parameter> parameters = new ArrayList<>();
        blocks.forEach(block -> parameters.addAll(block.getParameters().values()));
        if (parameters.size() != names.size()) {
            throw new IllegalStateException(parameters.size() + " parameters and " + names.size() + " names");
        }
        StateDict dict = new StateDict();
        for (int i = 0; i < names.size(); i++) {
            dict.put(names.get(i), parameters.get(i));
        }
        return dict;
    }

    /**
     * The same parameters under other names.
     *
     * @param rename gives the other name
     */
    StateDict renamed(UnaryOperator<String> rename) {
        StateDict dict = new StateDict();
        parameters.forEach((name, parameter) -> dict.put(rename.apply(name), parameter));
        return dict;
    }

    /** The parameters by name, in the order of the layers. */
    Map<String, Parameter> parameters() {
        return Collections.unmodifiableMap(parameters);
    }
}
