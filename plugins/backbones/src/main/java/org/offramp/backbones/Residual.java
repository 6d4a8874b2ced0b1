package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code residual}: the residual network for small images (He et al. 2016, "Deep residual learning for image recognition",
 * section 4.2): a 3x3 convolution, then three groups of n basic blocks with 16, 32 and 64 channels, the second and third group
 * at half the size of the one before, then global average pooling and a linear classifier; depth 6n + 2. One stage per block;
 * the first one holds the first convolution too and the last one the classifier. Shortcuts have no parameters (option A).
 */
public final class Residual implements BackboneFactory<Residual.Config> {
    private static final int BASE_CHANNELS = 16;
    private static final int GROUPS = 3;

    /**
     * The keys of {@code residual}.
     *
     * @param depth the number of layers with weights, 6n + 2
     * @param width multiplies the channels
     * @param weights a safetensors file with published parameters, under the names of the original state dict
     * @param prune the fraction of every weight tensor that is set to 0 as it is read
     * @param weightBits the bits that weights are rounded to as they are read
     */
    public record Config(
            @Key(
                    value = "layers with weights, 6n + 2: 8, 14, 20, 32, 44, 56, 110 …",
                    defaultValue = "20",
                    min = 8,
                    max = 1202)
            int depth,

            @Key(value = "multiplies the channels of every group", defaultValue = "1.0", min = 0.01, max = 64)
            double width,

            @Key(
                    "safetensors file of published parameters, such as conv1.weight, layer1.0.bn1.running_mean, linear.bias")
            Optional<String> weights,

            @Key(
                    value =
                            "magnitude pruning of published weights: the fraction of every weight tensor that is set to 0",
                    defaultValue = "0.0",
                    min = 0,
                    max = 0.999)
            double prune,

            @Key(
                    value = "bits that published weights are rounded to, one scale per channel, 2 to 8; 32 leaves them",
                    defaultValue = "32",
                    min = 2,
                    max = 32)
            int weightBits) {
        /** Checks the numbers. */
        public Config {
            Widths.requireMultiplier("width", width);
            if (!new Compression(prune, weightBits).isNone() && weights.isEmpty()) {
                throw new IllegalArgumentException(
                        "prune is " + prune + " and weight-bits " + weightBits + "; both need published weights");
            }
            if (depth < 8 || depth % 6 != 2) {
                int below = Math.max(8, Math.floorDiv(depth - 2, 6) * 6 + 2);
                throw new IllegalArgumentException("depth is " + depth + "; allowed is 6n + 2 with n >= 1, such as "
                        + below + " or " + (below + 6));
            }
        }

        /**
         * A network whose weights are not compressed.
         *
         * @param depth the number of layers with weights, 6n + 2
         * @param width multiplies the channels
         * @param weights a safetensors file with published parameters
         */
        Config(int depth, double width, Optional<String> weights) {
            this(depth, width, weights, 0, 32);
        }

        int blocksPerGroup() {
            return (depth - 2) / 6;
        }
    }

    @Override
    public String name() {
        return "residual";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireImage(name(), inputShape, classes);
        List<Stage> stages = new ArrayList<>();
        int channels = Widths.scaled(BASE_CHANNELS, config.width());
        SequentialBlock block = new SequentialBlock().add(Layers.convolutionRelu(channels, 3, 1, 1));
        for (int group = 0; group < GROUPS; group++) {
            for (int place = 0; place < config.blocksPerGroup(); place++) {
                boolean reduces = group > 0 && place == 0;
                block.add(new ResidualBlock(channels << group, reduces));
                if (group == GROUPS - 1 && place == config.blocksPerGroup() - 1) {
                    block.add(Pool.globalAvgPool2dBlock()).add(Layers.linear(classes));
                }
                stages.add(new Stage("stage-" + (stages.size() + 1), block));
                block = new SequentialBlock();
            }
        }
        StateDict dict = StateDict.inOrder(PretrainedWeights.blocks(stages), names(config.blocksPerGroup()));
        Map<String, Double> figures = config.weights()
                .map(file -> new PretrainedWeights(
                                Path.of(file),
                                name -> false,
                                name -> false,
                                new Compression(config.prune(), config.weightBits()))
                        .give(dict, PretrainedWeights.blocks(stages), inputShape))
                .orElse(Map.of());
        return new NamedBackbone(
                inputShape, classes, stages, dict.parameters(), Map.of(), figures, OptionalInt.empty());
    }

    /** The original state dict's names, in the order of the blocks. */
    private static List<String> names(int blocksPerGroup) {
        List<String> names = new ArrayList<>();
        addLayer(names, "", 1);
        for (int group = 1; group <= GROUPS; group++) {
            for (int place = 0; place < blocksPerGroup; place++) {
                addLayer(names, "layer" + group + "." + place + ".", 1);
                addLayer(names, "layer" + group + "." + place + ".", 2);
            }
        }
        names.add("linear.weight");
        names.add("linear.bias");
        return names;
    }

    private static void addLayer(List<String> names, String prefix, int number) {
        names.add(prefix + "conv" + number + ".weight");
        for (String statistic : List.of("weight", "bias", "running_mean", "running_var")) {
            names.add(prefix + "bn" + number + "." + statistic);
        }
    }
}
