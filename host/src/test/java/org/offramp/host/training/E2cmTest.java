package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.Backbone;
import org.offramp.api.Dataset;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Stage;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.inference.Traces;
import org.offramp.host.network.Network;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.Relabelled;
import org.offramp.host.testing.SmallNetworks;

/** What class means promise on a trained network. */
class E2cmTest {
    private static PluginRegistry registry;

    @TempDir
    private Path work;

    @BeforeAll
    static void plugins() {
        ai.djl.engine.Engine.getInstance();
        registry = PluginFinder.find(List.of(), E2cmTest.class.getClassLoader());
    }

    private static DataSplits splits(Dataset dataset) {
        return DataSplits.of(dataset, 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);
    }

    private Training.Result train(Network network, DataSplits splits, String chain) {
        String yaml = "data: { name: glyphs }\nstrategies:\n  - { name: a, backbone: { name: convnet }, trainers: "
                + chain + ", policy: { name: margin }, calibrate: { threshold: 1 } }\n";
        RunConfig config = RunConfigLoader.parse(yaml, "test", List.of(), registry);
        List<Training.Step> steps = new ArrayList<>();
        config.strategies()
                .get(0)
                .trainers()
                .forEach(trainer -> steps.add(new Training.Step(
                        trainer.name(), trainer.create().get(), work.resolve(chain.hashCode() + "-" + steps.size()))));
        return Training.run(network, splits, steps, 1, Progress.NONE, true);
    }

    private static Network network() {
        return Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
    }

    private static Map<String, List<Float>> stages(Network network) {
        Map<String, List<Float>> values = new TreeMap<>();
        network.parametersByName().forEach((name, parameter) -> {
            if (name.startsWith("stage")) {
                float[] array = parameter.getArray().toFloatArray();
                values.put(
                        name,
                        IntStream.range(0, array.length).mapToObj(i -> array[i]).toList());
            }
        });
        return values;
    }

    private static Evidence evidence(Network network, DataSplits splits) {
        return Traces.compute(
                new EarlyExitRunner(network.plan(), StageRunner.opByOp(network)), splits.calibration(), 64);
    }

    @Test
    void theNetworkIsLeftBitForBitAndStorageAndMacsAreReported() {
        DataSplits splits = splits(new Blobs(400, 100));
        try (Network network = network()) {
            Map<String, List<Float>> before = stages(network);
            Training.Result result = train(network, splits, "[{name: e2cm}]");
            assertThat(stages(network)).isEqualTo(before);
            long width = network.activationShape(1).size();
            assertThat(result.figures())
                    .containsEntry("e2cm/storage-floats/exit-1", 5.0 * width)
                    .containsEntry("e2cm/macs/exit-1", 4.0 * width);
            assertThat(network.headMacs(1)).isEqualTo(4 * width);
        }
    }

    @Test
    void headsOnTopOfDistancesBeginAsTheMeansOwnAnswer() {
        DataSplits splits = splits(new Blobs(600, 100));
        String before = "{name: backbone, epochs: 3, batch-size: 32}, {name: e2cm}";
        try (Network means = network();
                Network heads = network()) {
            train(means, splits, "[" + before + "]");
            train(
                    heads,
                    splits,
                    "[" + before + ", {name: e2cm-heads, epochs: 1, optimization: {learning-rate: 1.0e-9}}]");
            for (int exit = 1; exit <= 2; exit++) {
                FloatMatrix distances = evidence(means, splits).output(exit, HeadOutput.DISTANCES);
                FloatMatrix logits = evidence(heads, splits).upTo(exit).logits();
                for (int row = 0; row < logits.rows(); row++) {
                    float[] each = distances.row(row);
                    float nearest = each[logits.argMax(row)];
                    assertThat(nearest).isEqualTo(least(each));
                }
            }
        }
    }

    private static float least(float[] values) {
        float least = values[0];
        for (float each : values) {
            least = Math.min(least, each);
        }
        return least;
    }

    @Test
    void meansLargerThanTheBoundAreRefusedBeforeAnyPassWithTheWidestExit() {
        DataSplits splits = splits(new Blobs(100, 20));
        Stage wide = new Stage(
                "wide",
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(60_000).build()));
        Stage last = new Stage("last", Linear.builder().setUnits(4).build());
        try (Network network =
                Network.assemble(Backbone.of(new Shape(1, 8, 8), 4, List.of(wide, last)), List.of(1), 1)) {
            assertThatThrownBy(() -> train(network, splits, "[{name: e2cm, max-storage: 1}]"))
                    .hasMessage(
                            "e2cm: the means of 4 classes at 1 exits take 2 MiB, max-storage allows 1 MiB; the widest"
                                    + " is exit 1 with 60000 values per mean; pool: gap or quarters makes it smaller");
            train(network, splits, "[{name: e2cm, max-storage: 2}]");
            assertThat(network.has(1, HeadOutput.DISTANCES)).isTrue();
        }
    }

    @Test
    void aClassWithoutATrainingSampleIsNamed() {
        DataSplits splits = splits(new Relabelled(new Blobs(200, 50), (id, label) -> label == 2 ? 0 : label));
        try (Network network = network()) {
            assertThatThrownBy(() -> train(network, splits, "[{name: e2cm}]"))
                    .hasMessage("e2cm: class 2 has no training sample, so it has no mean");
        }
    }

    @Test
    void fewerSamplesForTheMeanDistancesCostLessAndScaleNearlyTheSame() {
        DataSplits splits = splits(new Blobs(600, 100));
        try (Network all = network();
                Network some = network()) {
            long macs = train(all, splits, "[{name: e2cm}]").macs();
            long fewer =
                    train(some, splits, "[{name: e2cm, scale-samples: 60}]").macs();
            assertThat(fewer).isLessThan((long) (0.65 * macs));
            float[] one = evidence(all, splits).output(2, HeadOutput.DISTANCES).toArray();
            float[] other =
                    evidence(some, splits).output(2, HeadOutput.DISTANCES).toArray();
            double difference = IntStream.range(0, one.length)
                    .mapToDouble(i -> Math.abs(one[i] - other[i]))
                    .average()
                    .orElseThrow();
            assertThat(difference).isLessThan(0.1).isPositive();
            assertThat(Arrays.equals(one, other)).isFalse();
        }
    }

    @Test
    void fewerSamplesForTheMeansCostLess() {
        DataSplits splits = splits(new Blobs(600, 100));
        try (Network all = network();
                Network some = network()) {
            long macs = train(all, splits, "[{name: e2cm}]").macs();
            long fewer = train(some, splits, "[{name: e2cm, samples: 60}]").macs();
            assertThat(fewer).isEqualTo(macs / splits.training().size() * 60);
        }
    }

    @Test
    void severalMeansPerClassAreNearerThanOne() {
        DataSplits splits = splits(new Blobs(600, 100));
        try (Network one = network();
                Network three = network()) {
            train(one, splits, "[{name: e2cm}]");
            Training.Result result = train(three, splits, "[{name: e2cm, means-per-class: 3}]");
            long width = three.activationShape(1).size();
            assertThat(result.figures())
                    .containsEntry("e2cm/storage-floats/exit-1", 13.0 * width)
                    .containsEntry("e2cm/macs/exit-1", 12.0 * width);
            assertThat(three.headMacs(1)).isEqualTo(12 * width);
            assertThat(ownDistance(three, splits)).isLessThan(ownDistance(one, splits));
        }
    }

    /** The mean distance of a calibration sample to its own class at exit 2, before normalising. */
    private static double ownDistance(Network network, DataSplits splits) {
        FloatMatrix logits = evidence(network, splits).upTo(2).logits();
        return IntStream.range(0, logits.rows())
                .mapToDouble(row -> -logits.get(row, splits.calibration().label(row)))
                .average()
                .orElseThrow();
    }

    @Test
    void moreMeansThanSamplesOfAClassAreRefused() {
        DataSplits splits = splits(new Blobs(60, 50));
        try (Network network = network()) {
            assertThatThrownBy(() -> train(network, splits, "[{name: e2cm, means-per-class: 40}]"))
                    .hasMessageMatching("e2cm: class 0 has \\d+ training samples, means-per-class is 40");
        }
    }

    @Test
    void whitenedDistancesAreMahalanobisDistances() {
        DataSplits splits = splits(new Blobs(600, 100));
        for (String covariance : List.of("diagonal", "full")) {
            try (Network plain = network();
                    Network whitened = network()) {
                String chain = "{name: backbone, epochs: 3, batch-size: 32}, {name: e2cm, pool: gap";
                train(plain, splits, "[" + chain + "}]");
                train(whitened, splits, "[" + chain + ", covariance: " + covariance + "}]");
                assertThat(right(whitened, splits)).as(covariance).isGreaterThan(right(plain, splits) - 0.02);
                // The squares of whitened distances to the own mean sum to the width, where nothing is shrunk.
                FloatMatrix logits = evidence(whitened, splits).upTo(2).logits();
                double squares = IntStream.range(0, logits.rows())
                        .mapToDouble(row ->
                                Math.pow(logits.get(row, splits.calibration().label(row)), 2))
                        .average()
                        .orElseThrow();
                assertThat(squares).as(covariance).isBetween(0.5 * 8, 2.0 * 8);
            }
        }
    }

    private static double right(Network network, DataSplits splits) {
        FloatMatrix logits = evidence(network, splits).upTo(2).logits();
        return IntStream.range(0, logits.rows())
                        .filter(row ->
                                logits.argMax(row) == splits.calibration().label(row))
                        .count()
                / (double) logits.rows();
    }

    @Test
    void aWholeCovarianceOfLongVectorsIsRefused() {
        DataSplits splits = splits(new Blobs(100, 20));
        Stage wide = new Stage(
                "wide",
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(3_000).build()));
        Stage last = new Stage("last", Linear.builder().setUnits(4).build());
        try (Network network =
                Network.assemble(Backbone.of(new Shape(1, 8, 8), 4, List.of(wide, last)), List.of(1), 1)) {
            assertThatThrownBy(() -> train(network, splits, "[{name: e2cm, covariance: full}]"))
                    .hasMessageContaining("at most 2048 values; those of exit 1 have 3000");
        }
    }

    private static final String CLUSTERS =
            "[{name: e2cm-clusters, epochs: 6, cluster-epochs: 2, batch-size: 32, restarts: 3}]";

    private static Network autoencoder() {
        String yaml = "data: { name: glyphs }\n"
                + "strategies:\n"
                + "  - { name: a, backbone: { name: autoencoder, hidden: [32, 24], embedding: 4 }, trainers: [{"
                + " name: backbone }], policy: { name: margin }, calibrate: { threshold: 1 } }\n";
        return Network.assemble(
                RunConfigLoader.parse(yaml, "test", List.of(), registry)
                        .strategies()
                        .get(0)
                        .backbone()
                        .create()
                        .apply(new Shape(1, 8, 8), 4),
                List.of(1, 2, 3),
                1);
    }

    @Test
    void clustersAreMadeWithoutTheLabelsOfTrainingSamples() {
        Blobs blobs = new Blobs(600, 100);
        DataSplits known = splits(blobs);
        Set<String> named = IntStream.range(0, known.validation().size())
                .mapToObj(known.validation()::id)
                .collect(Collectors.toSet());
        DataSplits unknown = splits(new Relabelled(blobs, (id, label) -> named.contains(id) ? label : (label + 1) % 4));
        try (Network one = autoencoder();
                Network other = autoencoder()) {
            Training.Result result = train(one, known, CLUSTERS);
            assertThat(train(other, unknown, CLUSTERS.replace("restarts: 3", "restarts:  3"))
                            .figures())
                    .isEqualTo(result.figures());
            assertThat(stages(other)).isEqualTo(stages(one));
            assertThat(result.figures().get("e2cm-clusters/clustering-accuracy/exit-4"))
                    .isGreaterThan(0.4);
            assertThat(result.figures().get("e2cm-clusters/normalized-mutual-information/exit-4"))
                    .isBetween(0.05, 1.0);
            assertThat(one.parametersByName().keySet()).noneMatch(name -> name.contains("reconstruction"));
            assertThat(one.headMacs(3)).isEqualTo(4 * 4);
        }
    }

    @Test
    void aClusterThatLosesAllItsSamplesIsNamed() {
        DataSplits splits = splits(new Blobs(300, 50));
        try (Network network = autoencoder()) {
            assertThatThrownBy(() -> train(
                            network,
                            splits,
                            "[{name: e2cm-clusters, epochs: 0, cluster-epochs: 4, batch-size: 32, optimization:"
                                    + " {learning-rate: 5}}]"))
                    .hasMessageContaining("has lost all its samples to others after 4 cluster-epochs");
        }
    }

    @Test
    void clustersNeedABackboneThatEndsInCentroids() {
        DataSplits splits = splits(new Blobs(200, 50));
        try (Network network = network()) {
            assertThatThrownBy(() -> train(network, splits, CLUSTERS))
                    .hasMessageContaining("needs the backbone autoencoder with an exit after its embedding");
        }
    }
}
