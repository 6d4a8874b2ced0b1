package org.offramp.host.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.offramp.api.Head;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.strategy.TrainedNetworks;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.SmallNetworks;
import org.offramp.host.training.Progress;
import org.offramp.host.training.Training;

/** The heads that this project's trainers attach, at the first exit of a small network. */
final class MethodHeads {
    private static final Map<String, String> CHAINS = Map.of(
            "sidenet", "[{name: backbone, epochs: 1}, {name: sidenet, epochs: 1, pool: 2x2}]",
            "e2cm", "[{name: backbone, epochs: 1}, {name: e2cm}]",
            "e2cm, gap", "[{name: backbone, epochs: 1}, {name: e2cm, pool: gap}]",
            "e2cm-heads", "[{name: backbone, epochs: 1}, {name: e2cm}, {name: e2cm-heads, epochs: 1}]",
            "commitment", "[{name: joint, epochs: 1}, {name: commitment, epochs: 1}]",
            "commitment, features", "[{name: joint, epochs: 1}, {name: commitment, input: features, hidden: 8}]",
            "quicknets", "[{name: quicknets, epochs-per-block: 1}]",
            "consistent-exit", "[{name: consistent-exit, epochs: 1}]");

    private MethodHeads() {}

    static Stream<Subject> all() {
        DataSplits splits = DataSplits.of(new Blobs(120, 20), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);
        return CHAINS.keySet().stream().sorted().flatMap(name -> heads(name, splits));
    }

    private static Stream<Subject> heads(String name, DataSplits splits) {
        String yaml = "data: { name: glyphs }\nstrategies:\n  - { name: a, backbone: { name: convnet }, trainers: "
                + CHAINS.get(name) + ", policy: { name: margin }, calibrate: { threshold: 1 } }\n";
        RunConfig config = RunConfigLoader.parse(
                yaml, "test", List.of(), PluginFinder.find(List.of(), MethodHeads.class.getClassLoader()));
        Network network = Network.assemble(SmallNetworks.backbone(), List.of(1, 2), 1);
        Path work = temporary();
        List<Training.Step> steps = new ArrayList<>();
        config.strategies()
                .get(0)
                .trainers()
                .forEach(trainer -> steps.add(new Training.Step(
                        trainer.name(), trainer.create().get(), work.resolve(String.valueOf(steps.size())))));
        Training.run(network, splits, steps, 1, Progress.NONE, false);
        TrainedNetworks.discard(work);
        return network.heads().stream()
                .filter(head -> head.exit() == 1)
                .map(head -> new Subject(
                        "heads",
                        name + ": " + head.output().name().toLowerCase(Locale.ROOT),
                        () -> unfrozen(head.block()),
                        shapes(network, head),
                        0,
                        1,
                        64));
    }

    private static Block unfrozen(Block block) {
        block.getParameters().values().stream()
                .filter(parameter -> !parameter.getType().name().startsWith("RUNNING"))
                .forEach(parameter -> parameter.freeze(false));
        return block;
    }

    private static List<Shape> shapes(Network network, Head head) {
        List<Shape> shapes = new ArrayList<>();
        shapes.add(network.activationShape(head.exit()));
        head.inputs().forEach(input -> shapes.add(new Shape(network.plan().width(input.output()))));
        return shapes;
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("heads");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
