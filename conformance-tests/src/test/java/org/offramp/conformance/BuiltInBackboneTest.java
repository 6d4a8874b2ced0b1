package org.offramp.conformance;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;
import org.offramp.backbones.ConvNet;
import org.offramp.backbones.TorchScript;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.network.Network;

/** Every built-in backbone passes every rule, narrow and on small samples. */
class BuiltInBackboneTest extends BackboneConformance {
    private static final Shape SHAPE = new Shape(1, 16, 16);
    private static final int CLASSES = 5;

    @Override
    protected Stream<BackboneSubject<?>> subjects() {
        Stream<BackboneSubject<?>> withoutFiles = ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(BackboneSubject::allOf);
        return Stream.concat(withoutFiles, Stream.of(torchScript()));
    }

    /** Stages that Offramp's own compiler wrote, read back as if they came from Python. */
    private static BackboneSubject<?> torchScript() {
        ConvNet.Config config = new ConvNet.Config(List.of(4, 8), 1);
        try (Network network = Network.assemble(new ConvNet().create(config, SHAPE, CLASSES), List.of(1), 1);
                NDManager manager = NDManager.newBaseManager();
                CompiledStages stages = CompiledStages.compile(network, manager.ones(new Shape(2).addAll(SHAPE)))) {
            // The subjects are asked for before JUnit makes its own temporary folders.
            Path folder = Files.createTempDirectory("offramp-torchscript");
            Files.write(folder.resolve("net.pt"), stages.archive());
            Path manifest = Files.writeString(
                    folder.resolve("manifest.json"), """
                    {"input": [1, 16, 16], "classes": 5, "stages": [
                      {"name": "one", "archive": "net.pt", "method": "stage1", "output": [4, 8, 8], "macs": %d},
                      {"name": "two", "archive": "net.pt", "method": "stage2", "output": [5], "macs": %d}]}
                    """.formatted(network.stageMacs(1), network.stageMacs(2)));
            Stream.of(folder, folder.resolve("net.pt"), manifest)
                    .forEach(file -> file.toFile().deleteOnExit());
            return new BackboneSubject<>(
                    new TorchScript(), new TorchScript.Config(manifest.toString()), SHAPE, CLASSES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
