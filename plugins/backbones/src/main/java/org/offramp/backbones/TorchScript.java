package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.offramp.api.ArchivedStage;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Capability;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/**
 * {@code torchscript}: stages that somebody exported from Python as TorchScript, in one archive with a method per stage or in a file per stage,
 * described by a manifest; {@code docs/torchscript.md} has the script that writes both. Every stage runs as one call with its archive's own
 * parameters, which cannot be trained; its MACs are those that the manifest declares. Every archive is loaded and run once before the backbone is
 * given out, so that a shape or a number of classes that is not as declared is found at once.
 *
 * <p>A TorchScript archive is a program: use only those whose origin you trust.
 */
public final class TorchScript implements BackboneFactory<TorchScript.Config> {
    /**
     * The keys of {@code torchscript}.
     *
     * @param manifest a JSON file beside the archives
     */
    public record Config(
            @Key("manifest, a JSON file beside the archives; docs/torchscript.md describes it")
            String manifest) {}

    @Override
    public String name() {
        return "torchscript";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.PRETRAINED);
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        Inputs.requireAny(name(), inputShape, classes);
        TorchScriptManifest manifest = TorchScriptManifest.read(Path.of(config.manifest()));
        if (!manifest.input().equals(inputShape)) {
            throw new IllegalArgumentException("manifest: " + config.manifest() + ": its stages take samples of shape "
                    + manifest.input() + ", the dataset's have " + inputShape);
        }
        if (manifest.classes() != classes) {
            throw new IllegalArgumentException("manifest: " + config.manifest() + ": it has " + manifest.classes()
                    + " classes, the dataset " + classes);
        }
        List<Stage> stages = new ArrayList<>();
        Shape given = inputShape;
        for (TorchScriptManifest.Part part : manifest.stages()) {
            TorchScriptBlock block = new TorchScriptBlock(part, given);
            block.check();
            stages.add(new Stage(
                    part.name(), block, Optional.of(new ArchivedStage(part.archive(), part.method(), part.macs()))));
            given = part.output();
        }
        return new NamedBackbone(inputShape, classes, stages, Map.of(), Map.of(), Map.of(), OptionalInt.empty());
    }
}
