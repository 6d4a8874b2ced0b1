package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code bert}: the encoder of BERT (Devlin et al. 2019) with a classifier, for token ids {@code (length)}, given as numbers; id 0 is
 * padding and is not attended to. One stage per layer; the first one holds the embeddings too, the last one the classifier: with {@code pool:
 * cls} Hugging Face's pooler (linear, tanh) on the first token, with {@code mean} the mean over the tokens, then a linear layer. Parameters have
 * the names of {@code BertForSequenceClassification}; weights of BERT, MiniLM and other models of that layout fit, with and without the
 * prefix {@code bert.}. The dropout of the published training is left out, so that training repeats after a resume.
 */
public final class Bert implements BackboneFactory<Bert.Config> {
    private static final String CONFIG = "config.json";
    private static final String CLASSIFIER = "classifier.";
    private static final String POOLER = "pooler.";
    private static final String PREFIX = "bert.";

    /**
     * The keys of {@code bert}.
     *
     * @param layers one stage each
     * @param width features per token
     * @param heads attention heads; a divisor of {@code width}
     * @param intermediate features between the two linear layers of a feed-forward part
     * @param vocabulary the number of token ids, padding included
     * @param positions the most tokens of a sample
     * @param pool what the classifier reads
     * @param weights a safetensors file, or a folder in Hugging Face's layout
     * @param newClassifier whether the classifier is trained anew instead of read
     * @param prune the fraction of every weight tensor that is set to 0 as it is read
     * @param weightBits the bits that weights are rounded to as they are read
     */
    public record Config(
            @Key(value = "encoder layers, one stage each", defaultValue = "4", min = 1, max = 96)
            int layers,

            @Key(value = "features per token", defaultValue = "128", min = 1, max = 8192)
            int width,

            @Key(value = "attention heads, a divisor of width", defaultValue = "4", min = 1, max = 128)
            int heads,

            @Key(
                    value = "features between the two linear layers of a feed-forward part, usually 4 times width",
                    defaultValue = "512",
                    min = 1,
                    max = 65_536)
            int intermediate,

            @Key(
                    value = "number of token ids, padding (0) included; a dataset with more is refused",
                    defaultValue = "8192",
                    min = 2,
                    max = 10_000_000)
            int vocabulary,

            @Key(
                    value = "the most tokens of a sample; a dataset with longer ones is refused",
                    defaultValue = "512",
                    min = 1,
                    max = 65_536)
            int positions,

            @Key(
                    value = "what the classifier reads: cls (first token, through the pooler) or mean",
                    defaultValue = "cls")
            TokenPool pool,

            @Key("safetensors file under Hugging Face's names for the sizes given by the other keys, or a folder with"
                    + " config.json, whose sizes count instead, and model.safetensors")
            Optional<String> weights,

            @Key(
                    value =
                            "whether the classifier (and a pooler that the file lacks) begins at random although weights are given",
                    defaultValue = "false")
            boolean newClassifier,

            @Key(
                    value =
                            "magnitude pruning of published weights: the fraction of every weight tensor that is set to 0",
                    defaultValue = "0.0",
                    min = 0,
                    max = 0.999)
            double prune,

            @Key(
                    value = "bits that published weights are rounded to, one scale per output, 2 to 8; 32 leaves them",
                    defaultValue = "32",
                    min = 2,
                    max = 32)
            int weightBits) {
        /** Checks the numbers. */
        public Config {
            if (!new Compression(prune, weightBits).isNone() && weights.isEmpty()) {
                throw new IllegalArgumentException(
                        "prune is " + prune + " and weight-bits " + weightBits + "; both need published weights");
            }
            sizes(layers, width, heads, intermediate, vocabulary, positions);
        }

        private static BertSizes sizes(
                int layers, int width, int heads, int intermediate, int vocabulary, int positions) {
            return new BertSizes(
                    layers, width, heads, intermediate, vocabulary, positions, BertSizes.TYPES, BertSizes.EPSILON);
        }

        private BertSizes sizes() {
            return weights.map(Path::of)
                    .filter(Files::isDirectory)
                    .map(folder -> BertSizes.read(folder.resolve(CONFIG)))
                    .orElseGet(() -> sizes(layers, width, heads, intermediate, vocabulary, positions));
        }
    }

    @Override
    public String name() {
        return "bert";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireTokens(name(), inputShape, classes);
        BertSizes sizes = config.sizes();
        if (inputShape.get(0) > sizes.positions()) {
            throw new IllegalArgumentException("the backbone 'bert' takes at most " + sizes.positions()
                    + " tokens; the samples have " + inputShape.get(0) + ": lower the dataset's length");
        }
        StateDict dict = new StateDict();
        BertEmbedding embedding = new BertEmbedding(sizes);
        embedding.name(dict);
        List<Stage> stages = new ArrayList<>();
        SequentialBlock block = new SequentialBlock().add(embedding);
        for (int layer = 0; layer < sizes.layers(); layer++) {
            block.add(new BertLayer(sizes, dict, layer));
            if (layer == sizes.layers() - 1) {
                block.add(config.pool().block(sizes.width()));
                if (config.pool() == TokenPool.CLS) {
                    block.add(dict.name("bert.pooler.dense", Layers.linear(sizes.width())))
                            .add(Activation.tanhBlock());
                }
                block.add(dict.name("classifier", Layers.linear(classes)));
            }
            stages.add(new Stage("layer-" + (layer + 1), block));
            block = new SequentialBlock();
        }
        Map<String, Double> figures = config.weights()
                .map(Path::of)
                .map(place -> Files.isDirectory(place) ? place.resolve("model.safetensors") : place)
                .map(file -> load(file, config, dict, stages, inputShape))
                .orElse(Map.of());
        return new NamedBackbone(
                inputShape,
                classes,
                stages,
                dict.parameters(),
                Map.of(CONFIG, sizes.json(classes)),
                figures,
                OptionalInt.of(sizes.vocabulary()));
    }

    private static Map<String, Double> load(
            Path file, Config config, StateDict dict, List<Stage> stages, Shape inputShape) {
        Set<String> there = SafetensorsFile.open(file).names();
        boolean prefixed = there.stream().anyMatch(name -> name.startsWith(PREFIX));
        boolean old = there.stream().anyMatch(name -> name.endsWith("LayerNorm.gamma"));
        StateDict named = dict.renamed(name -> published(name, prefixed, old));
        PretrainedWeights weights = new PretrainedWeights(
                file,
                name -> isIgnored(name, config.pool()),
                name -> config.newClassifier()
                        && (name.startsWith(CLASSIFIER) || (name.contains(POOLER) && !there.contains(name))),
                new Compression(config.prune(), config.weightBits()));
        return weights.give(named, PretrainedWeights.blocks(stages), inputShape);
    }

    private static String published(String name, boolean prefixed, boolean old) {
        String plain = prefixed || !name.startsWith(PREFIX) ? name : name.substring(PREFIX.length());
        return old
                ? plain.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
                : plain;
    }

    /** The heads of pretraining, a table of numbers 0, 1, 2 …, and the pooler where it is not used. */
    private static boolean isIgnored(String name, TokenPool pool) {
        return name.startsWith("cls.")
                || name.endsWith("embeddings.position_ids")
                || (pool == TokenPool.MEAN && name.contains(POOLER));
    }
}
