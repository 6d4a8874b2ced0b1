package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.Batches;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.data.SampleSet;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.inference.Traces;
import org.offramp.host.network.Network;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.SmallNetworks;

/** The seed methods on a small separable set: what each promises beyond what every trainer promises. */
class SeedMethodsTest {
    private static PluginRegistry registry;
    private final DataSplits splits =
            DataSplits.of(new Blobs(600, 150), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);

    @TempDir
    private Path work;

    @BeforeAll
    static void plugins() {
        ai.djl.engine.Engine.getInstance();
        registry = PluginFinder.find(List.of(), SeedMethodsTest.class.getClassLoader());
    }

    private Training.Result train(Network network, String chain) {
        String yaml = "data: { name: glyphs }\nstrategies:\n  - { name: a, backbone: { name: convnet }, trainers: "
                + chain + ", policy: { name: margin }, calibrate: { threshold: 1 } }\n";
        RunConfig config = RunConfigLoader.parse(yaml, "test", List.of(), registry);
        List<Training.Step> steps = new ArrayList<>();
        config.strategies()
                .get(0)
                .trainers()
                .forEach(trainer -> steps.add(new Training.Step(
                        trainer.name(),
                        trainer.create().get(),
                        trainer.capabilities(),
                        work.resolve(chain.hashCode() + "-" + steps.size()))));
        return Training.run(network, splits, steps, 1, Progress.NONE, true);
    }

    private static Network network() {
        return Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
    }

    private static Map<String, List<Float>> parameters(Network network, String prefix) {
        Map<String, List<Float>> values = new TreeMap<>();
        network.parametersByName().forEach((name, parameter) -> {
            if (name.startsWith(prefix)) {
                float[] array = parameter.getArray().toFloatArray();
                values.put(
                        name,
                        IntStream.range(0, array.length).mapToObj(i -> array[i]).toList());
            }
        });
        return values;
    }

    private Evidence evidence(Network network, SampleSet samples) {
        return Traces.compute(new EarlyExitRunner(network.plan(), StageRunner.opByOp(network)), samples, 64);
    }

    private double accuracy(Network network, int exit) {
        return accuracy(network, exit, splits.calibration());
    }

    private double accuracy(Network network, int exit, SampleSet samples) {
        FloatMatrix logits = evidence(network, samples).upTo(exit).logits();
        return IntStream.range(0, samples.size())
                        .filter(i -> logits.argMax(i) == samples.label(i))
                        .count()
                / (double) samples.size();
    }

    @Test
    void everyChainCompilesAndTheCompiledNetworkAnswersTheSame() {
        for (String chain : List.of(
                "[{name: quicknets, epochs-per-block: 2}, {name: commitment, epochs: 2}]",
                "[{name: backbone, epochs: 2}, {name: e2cm}, {name: e2cm-heads, epochs: 1}]",
                "[{name: backbone, epochs: 2}, {name: e2cm, pool: gap}]",
                "[{name: backbone, epochs: 1}, {name: sidenet, epochs: 1, pool: 2x2}]",
                "[{name: joint, epochs: 1}, {name: commitment, input: features, hidden: 8}]")) {
            try (Network network = network();
                    NDManager manager = NDManager.newBaseManager()) {
                train(network, chain);
                NDArray probe = Batches.read(manager, splits.calibration(), new int[] {0, 1, 2, 3});
                try (CompiledStages compiled = CompiledStages.compile(network, probe)) {
                    assertThat(compiled.reasons()).as(chain).isEmpty();
                }
            }
        }
    }

    @Test
    void quickNetsTrainsLaterBlocksOnWhatIsLeftAndFreezesEarlierOnes() {
        try (Network network = network();
                Network first = network()) {
            Training.Result result = train(
                    network,
                    "[{name: quicknets, epochs-per-block: 12, batch-size: 32, confidence: 0.5, optimization: {learning-rate: 0.01}}]");
            Map<String, Double> figures = result.figures();
            assertThat(figures.get("quicknets/samples/block-1")).isEqualTo(1);
            assertThat(figures.get("quicknets/samples/block-2")).isLessThan(1).isGreaterThan(0);
            assertThat(figures.get("quicknets/samples/block-3"))
                    .isLessThanOrEqualTo(figures.get("quicknets/samples/block-2"));
            assertThat(accuracy(network, 1)).isGreaterThan(0.5);

            // The first block is as it was when the second one began: training longer after it changes nothing in it.
            train(
                    first,
                    "[{name: quicknets, epochs-per-block: 12, batch-size: 32, confidence: 0.5, optimization: {learning-rate: 0.01}, min-samples: 0.5}]");
            assertThat(parameters(first, "stage1")).isEqualTo(parameters(network, "stage1"));
            assertThat(parameters(first, "head1")).isEqualTo(parameters(network, "head1"));

            long full = network.stageMacs(1) + network.headMacs(1);
            PhaseRecord block = result.phases().get(0);
            assertThat(block.macs()).isEqualTo(3 * full * 12 * splits.training().size());
        }
    }

    @Test
    void quickNetsWithoutAnythingLeftFillsUpAndSaysSo() {
        try (Network network = network()) {
            Map<String, Double> figures = train(
                            network, "[{name: quicknets, epochs-per-block: 1, removal: exited, confidence: 0}]")
                    .figures();
            assertThat(figures.get("quicknets/samples/block-2")).isZero();
            assertThat(figures.get("quicknets/filled-up/block-2")).isGreaterThan(0);
        }
    }

    @Test
    void quickNetsCostsWhatItsFormulaSaysAndLessThanEndToEnd() {
        for (String keys : List.of(
                "removal: correct, min-samples: 0.0",
                "removal: exited, confidence: 0.6, replay-fraction: 0.5",
                "removal: soft, stretch-epochs: 4",
                "removal: soft, stretch-epochs: 4, cache-features: false",
                "hold-out-precision: 0.9")) {
            try (Network network = network()) {
                Training.Result result =
                        train(network, "[{name: quicknets, epochs-per-block: 2, batch-size: 32, " + keys + "}]");
                assertThat((double) result.macs())
                        .as(keys)
                        .isEqualTo(result.figures().get("quicknets/training-macs"));
                assertThat(result.figures().getOrDefault("quicknets/training-macs/saved-by-cache", 0.0) > 0)
                        .as(keys)
                        .isEqualTo(!keys.contains("false"));
                assertThat(result.figures().get("quicknets/share-of-joint"))
                        .isLessThan(result.figures().get("quicknets/share-of-end-to-end"))
                        .isPositive();
            }
        }
    }

    @Test
    void quickNetsLearnsTheSameFromKeptFeaturesAtTheCostThatItReports() {
        String keys = "name: quicknets, epochs-per-block: 3, batch-size: 32, confidence: 0.5, stretch-epochs: 2";
        try (Network kept = network();
                Network anew = network()) {
            Training.Result once = train(kept, "[{" + keys + "}]");
            Training.Result each = train(anew, "[{" + keys + ", cache-features: false}]");
            assertThat(parameters(kept, ""))
                    .usingRecursiveComparison()
                    .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-4f, Float.class)
                    .isEqualTo(parameters(anew, ""));
            assertThat(once.figures().get("quicknets/samples/block-3"))
                    .isEqualTo(each.figures().get("quicknets/samples/block-3"));
            assertThat((double) each.macs() - once.macs())
                    .isEqualTo(once.figures().get("quicknets/training-macs/saved-by-cache"))
                    .isPositive();
            assertThat(once.phases().stream().filter(phase -> phase.steps() > 0).map(PhaseRecord::keptThrough))
                    .containsExactly(0, 1, 2);
            assertThat(each.phases())
                    .allSatisfy(phase -> assertThat(phase.keptThrough()).isZero());
        }
    }

    @Test
    void quickNetsSaysWhenABlockIsLeftWithTooLittle() {
        try (Network network = network();
                Network one = Network.assemble(SmallNetworks.backbone(), List.of(), 1)) {
            List<String> notes = train(
                            network,
                            "[{name: quicknets, epochs-per-block: 1, batch-size: 4, min-samples: 0, removal: exited, confidence: 0}]")
                    .notes();
            assertThat(notes)
                    .anySatisfy(note -> assertThat(note)
                            .startsWith("quicknets: block 2 is left with 0 of ")
                            .contains("filled up with 4 learned ones"))
                    .anySatisfy(note -> assertThat(note).contains("has no samples of the classes ["));
            assertThat(train(one, "[{name: quicknets, epochs-per-block: 1}]").figures())
                    .containsEntry("quicknets/samples/block-1", 1.0)
                    .doesNotContainKey("quicknets/samples/block-2");
        }
    }

    @Test
    void gatesLearnTheSameFromKeptActivations() {
        String joint = "{name: joint, epochs: 3}";
        try (Network kept = network();
                Network anew = network()) {
            Training.Result once = train(kept, "[" + joint + ", {name: commitment, epochs: 4}]");
            // A blur this faint changes nothing, but the host cannot know.
            Training.Result each = train(anew, "[" + joint + ", {name: commitment, epochs: 4, blur: 1.0E-9}]");
            assertThat(parameters(kept, "head"))
                    .usingRecursiveComparison()
                    .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-4f, Float.class)
                    .isEqualTo(parameters(anew, "head"));
            long trunk = (2 * kept.stageMacs(1) + kept.stageMacs(2))
                    * 3
                    * splits.validation().size();
            assertThat(each.macs() - once.macs()).isPositive().isLessThanOrEqualTo(trunk);
        }
    }

    @Test
    void aGateMayLearnWhetherLeavingLosesAnything() {
        String joint = "{name: joint, epochs: 6, batch-size: 32}";
        try (Network network = network();
                Network other = network()) {
            Map<String, Double> right = train(network, "[" + joint + ", {name: commitment, epochs: 1}]")
                    .figures();
            Map<String, Double> notWorse = train(
                            other, "[" + joint + ", {name: commitment, epochs: 1, target: not-worse}]")
                    .figures();
            assertThat(right).containsEntry("commitment/right/exit-1", accuracy(network, 1, splits.validation()));
            double harm = 1 - notWorse.getOrDefault("commitment/right/exit-1", 0.0);
            assertThat(harm).isBetween(0.0, 1 - right.getOrDefault("commitment/right/exit-1", 0.0));
            assertThat(parameters(other, "head1")).isNotEqualTo(parameters(network, "head1"));
        }
    }

    @Test
    void augmentedGatesLearnFromTrainingSamplesThenFromHeldOutOnes() {
        try (Network network = network()) {
            Training.Result result = train(
                    network,
                    "[{name: joint, epochs: 1}, {name: commitment, epochs: 1, data: augmented, blur: 1, occlusion: 0.5}]");
            assertThat(result.phases().stream()
                            .filter(phase -> phase.steps() > 0)
                            .map(PhaseRecord::name))
                    .containsExactly(
                            "joint/joint",
                            "commitment/gate-1",
                            "commitment/gate-1-holdout",
                            "commitment/gate-2",
                            "commitment/gate-2-holdout");
        }
    }

    @Test
    void commitmentLeavesEverythingElseBitForBit() {
        try (Network network = network();
                Network twin = network()) {
            train(network, "[{name: joint, epochs: 3}, {name: commitment, epochs: 3}]");
            train(twin, "[{name: joint, epochs: 3}]");
            Map<String, List<Float>> shared = parameters(network, "");
            shared.keySet().removeIf(name -> name.contains("commitment"));
            assertThat(shared).isEqualTo(parameters(twin, ""));
            assertThat(network.headMacs(1)).isGreaterThan(twin.headMacs(1));
        }
    }

    @Test
    void sideNetLeavesTheMainNetBitForBit() {
        try (Network network = network();
                Network twin = network()) {
            train(
                    network,
                    "[{name: backbone, epochs: 15, batch-size: 32}, {name: sidenet, epochs: 15, batch-size: 32, hidden: 32}]");
            train(twin, "[{name: backbone, epochs: 15, batch-size: 32}]");
            assertThat(parameters(network, "stage")).isEqualTo(parameters(twin, "stage"));
            assertThat(accuracy(network, 2)).isGreaterThan(0.5);
        }
    }

    @Test
    void e2cmIsTheDistanceToTheClassMeansOverItsMean() {
        try (Network network = network()) {
            train(network, "[{name: backbone, epochs: 15, batch-size: 32}, {name: e2cm}]");
            Evidence evidence = evidence(network, splits.training());
            FloatMatrix distances = evidence.output(2, HeadOutput.DISTANCES);
            double[] mean = new double[4];
            for (int row = 0; row < distances.rows(); row++) {
                for (int k = 0; k < 4; k++) {
                    mean[k] += distances.get(row, k) / distances.rows();
                }
            }
            for (double each : mean) {
                assertThat(each).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-4));
            }
            assertThat(distance(network, 0, 1))
                    .isCloseTo(ratio(distances), org.assertj.core.api.Assertions.within(1e-3));
            assertThat(accuracy(network, 2)).isGreaterThan(0.4);
        }
    }

    /** d̂ of sample 0 to class 1 by its definition, in plain Java on the activations. */
    private double distance(Network network, int sample, int k) {
        SampleSet training = splits.training();
        int[] all = IntStream.range(0, training.size()).toArray();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray h = network.forwardStage(
                    network.parameters(),
                    2,
                    network.forwardStage(network.parameters(), 1, Batches.read(manager, training, all), false),
                    false);
            float[] x = h.toFloatArray();
            int width = x.length / all.length;
            double[] mean = new double[width];
            int count = 0;
            for (int i : all) {
                if (training.label(i) == k) {
                    count++;
                    for (int j = 0; j < width; j++) {
                        mean[j] += x[i * width + j];
                    }
                }
            }
            double[] distances = new double[all.length];
            double total = 0;
            for (int i : all) {
                double square = 0;
                for (int j = 0; j < width; j++) {
                    square += Math.pow(x[i * width + j] - mean[j] / count, 2);
                }
                distances[i] = Math.sqrt(square);
                total += distances[i];
            }
            return distances[sample] / (total / all.length);
        }
    }

    private static double ratio(FloatMatrix distances) {
        return distances.get(0, 1);
    }

    @Test
    void consistentExitWithoutItsLossIsJointTrainingBitForBit() {
        try (Network network = network();
                Network twin = network();
                Network other = network()) {
            train(network, "[{name: consistent-exit, epochs: 3, lambda: 0}]");
            train(twin, "[{name: joint, epochs: 3}]");
            Training.Result result =
                    train(other, "[{name: consistent-exit, epochs: 3, perturb: [{kind: noise, strength: 0.3}]}]");
            assertThat(parameters(network, "")).isEqualTo(parameters(twin, ""));
            assertThat(parameters(other, "")).isNotEqualTo(parameters(twin, ""));
            long joint = train(network(), "[{name: joint, epochs: 3, batch-size: 127}]")
                    .macs();
            assertThat(result.macs()).isEqualTo(2 * joint);
        }
    }

    @Test
    void consistentExitWeighsItsExitsAsJointTrainingDoes() {
        try (Network network = network();
                Network twin = network()) {
            train(network, "[{name: consistent-exit, epochs: 2, lambda: 0, exit-weights: [3, 1, 0.5]}]");
            train(twin, "[{name: joint, epochs: 2, exit-weights: [3, 1, 0.5]}]");
            assertThat(parameters(network, "")).isEqualTo(parameters(twin, ""));
            assertThatThrownBy(() -> train(twin, "[{name: consistent-exit, epochs: 1, exit-weights: [3, 1]}]"))
                    .hasMessageContaining("exit-weights has 2 numbers [3.0, 1.0]; the network has 3 exits");
        }
    }

    @Test
    void anIdentityPerturbationHasNoConsistencyLoss() {
        // Whatever the weight: with equal views the divergence and its gradient are 0, so that the loss is joint
        // training's.
        try (Network network = network();
                Network heavy = network()) {
            double light = train(network, "[{name: consistent-exit, epochs: 1, lambda: 0.001, warm-up: 0}]")
                    .phases()
                    .get(0)
                    .trainingLoss();
            double weighty = train(heavy, "[{name: consistent-exit, epochs: 1, lambda: 1000, warm-up: 0}]")
                    .phases()
                    .get(0)
                    .trainingLoss();
            assertThat(weighty).isCloseTo(light, org.assertj.core.api.Assertions.within(1e-3));
        }
    }

    @Test
    void perturbationsForOtherSamplesAreRefused() {
        try (Network network = network()) {
            assertThatThrownBy(() -> train(
                            network, "[{name: consistent-exit, epochs: 1, perturb: [{kind: rotation, strength: 1}]}]"))
                    .hasMessageContaining("rotation is for samples of 2 dimensions");
        }
    }
}
