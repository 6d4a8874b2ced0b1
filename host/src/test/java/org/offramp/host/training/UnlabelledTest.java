package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.Backbone;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;
import org.offramp.api.Stage;
import org.offramp.api.TrainingException;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.testing.Blobs;

/** Samples without labels in consistent exit training: they join the consistency term and nothing else, and no label is asked for. */
class UnlabelledTest {
    private static final int UNLABELLED = 90;
    private static final String NOISE = "perturb: [{kind: noise, strength: 0.3}]";

    private static PluginRegistry registry;

    @TempDir
    private Path work;

    private int trained;

    @BeforeAll
    static void plugins() {
        ai.djl.engine.Engine.getInstance();
        registry = PluginFinder.find(List.of(), UnlabelledTest.class.getClassLoader());
    }

    /** The blobs and more of them, whose labels are not to be read. */
    private record More(Dataset dataset) implements Dataset {
        @Override
        public Shape sampleShape() {
            return dataset.sampleShape();
        }

        @Override
        public List<String> classNames() {
            return dataset.classNames();
        }

        @Override
        public Examples train() {
            return dataset.train();
        }

        @Override
        public Examples test() {
            return dataset.test();
        }

        @Override
        public Optional<Examples> unlabelled() {
            Examples others = new Blobs(UNLABELLED, 1).train();
            return Optional.of(new Examples() {
                @Override
                public int size() {
                    return others.size();
                }

                @Override
                public String id(int index) {
                    return "unlabelled-" + index;
                }

                @Override
                public int label(int index) {
                    throw new AssertionError("the label of an unlabelled sample was read");
                }

                @Override
                public void read(int index, float[] target, int offset) {
                    others.read(index, target, offset);
                }
            });
        }
    }

    private static DataSplits splits(Dataset dataset) {
        return DataSplits.of(dataset, 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);
    }

    private static final DataSplits PLAIN = splits(new Blobs(300, 20));
    private static final DataSplits MORE = splits(new More(new Blobs(300, 20)));

    /** Without BatchNorm, in which every sample of a batch moves the others. */
    private static Network network() {
        return Network.assemble(
                Backbone.of(
                        new Shape(1, 8, 8),
                        4,
                        List.of(
                                stage("one"),
                                stage("two"),
                                new Stage("three", Linear.builder().setUnits(4).build()))),
                List.of(1, 2),
                1);
    }

    private static Stage stage(String name) {
        return new Stage(
                name,
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation.reluBlock()));
    }

    private Training.Result train(Network network, DataSplits splits, String trainer) {
        String yaml = "data: { name: glyphs }\nstrategies:\n  - { name: a, backbone: { name: convnet }, trainers: [ { "
                + trainer + " } ], policy: { name: margin }, calibrate: { threshold: 1 } }\n";
        RunConfig config = RunConfigLoader.parse(yaml, "test", List.of(), registry);
        RunConfig.TrainerChoice choice = config.strategies().get(0).trainers().get(0);
        Training.Step step = new Training.Step(choice.name(), choice.create().get(), work.resolve("run-" + trained++));
        return Training.run(network, splits, List.of(step), 1, Progress.NONE, false);
    }

    private static Map<String, List<Float>> parameters(Network network) {
        return network.parametersByName().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> {
                            float[] values = entry.getValue().getArray().toFloatArray();
                            return java.util.stream.IntStream.range(0, values.length)
                                    .mapToObj(i -> values[i])
                                    .toList();
                        },
                        (a, b) -> a,
                        TreeMap::new));
    }

    @Test
    void withoutTheConsistencyLossTheyChangeNothing() {
        try (Network network = network();
                Network joint = network()) {
            train(network, MORE, "name: consistent-exit, epochs: 2, lambda: 0, unlabelled: 16, " + NOISE);
            train(joint, PLAIN, "name: joint, epochs: 2");
            assertThat(parameters(network)).isEqualTo(parameters(joint));
        }
    }

    @Test
    void theyAddToTheConsistencyLossAndToNothingElse() {
        String still =
                "name: consistent-exit, epochs: 1, warm-up: 0, lambda: 10, optimization: {learning-rate: 1.0e-9}";
        double supervised = loss(PLAIN, still);
        assertThat(loss(MORE, still + ", unlabelled: 64")).isCloseTo(supervised, within(1e-6));
        double consistent = loss(PLAIN, still + ", " + NOISE) - supervised;
        double withOthers = loss(MORE, still + ", unlabelled: 64, " + NOISE) - supervised;
        assertThat(withOthers).isPositive().isNotCloseTo(consistent, within(0.001 * consistent));
        assertThat(withOthers).isCloseTo(consistent, within(0.5 * consistent));
    }

    private double loss(DataSplits splits, String trainer) {
        try (Network network = network()) {
            return train(network, splits, trainer).phases().get(0).trainingLoss();
        }
    }

    @Test
    void everyFormTakesThemAndTheirCostIsCounted() {
        for (String form : List.of("kl", "pseudo", "mse", "last", "symmetric")) {
            try (Network network = network();
                    Network twin = network()) {
                String trainer =
                        "name: consistent-exit, epochs: 2, batch-size: 50, consistency: " + form + ", " + NOISE;
                long without = train(twin, PLAIN, trainer).macs();
                long with = train(network, MORE, trainer + ", unlabelled: 25").macs();
                assertThat(parameters(network)).as(form).isNotEqualTo(parameters(twin));
                int samples = PLAIN.training().size();
                long steps = (samples + 49L) / 50;
                assertThat(with).isEqualTo(without / samples * (samples + 25 * steps));
            }
        }
    }

    @Test
    void theyAreAskedForByNumberAndMustBeThere() {
        try (Network network = network()) {
            assertThatThrownBy(() -> train(network, PLAIN, "name: consistent-exit, epochs: 1, unlabelled: 8"))
                    .isInstanceOf(TrainingException.class)
                    .hasMessage("consistent-exit: unlabelled is 8, but the dataset has no unlabelled samples; name them"
                            + " with data.unlabelled");
            assertThatThrownBy(() ->
                            train(network, MORE, "name: consistent-exit, consistency: augmentation, unlabelled: 8"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("consistency: augmentation needs labels, so it goes with unlabelled: 0 only");
        }
    }

    @Test
    void nothingThatHandsOutLabelsTakesThem() {
        assertThat(MORE.unlabelled().size()).isEqualTo(UNLABELLED);
        assertThat(MORE.unlabelled().classCounts()).containsOnly(0);
        assertThat(Arrays.stream(PLAIN.training().classCounts()).sum())
                .isEqualTo(PLAIN.training().size());
        assertThat(PLAIN.unlabelled().size()).isZero();
        assertThatThrownBy(() -> MORE.unlabelled().label(0)).hasMessageContaining("unlabelled samples have no labels");
    }
}
