package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.offramp.api.ArchivedStage;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.ForeignModule;

/** Stages that are TorchScript archives from elsewhere, each method as one call, with their heads compiled: {@code stage<n>} of a module takes the activation. */
public final class ArchivedStages implements StageRunner {
    private final List<List<Call>> stages;
    private final List<Call> backbone;
    private final Map<String, ForeignModule> archives;
    private final ModuleStages heads;

    /**
     * A method of an archive.
     *
     * @param archive the archive's name
     * @param method the method's name
     */
    public record Call(String archive, String method) {}

    private ArchivedStages(List<List<Call>> stages, Map<String, ForeignModule> archives, ModuleStages heads) {
        this.stages = stages;
        this.backbone = stages.stream().flatMap(List::stream).toList();
        this.archives = archives;
        this.heads = heads;
    }

    /**
     * Loads stages of archives.
     *
     * @param stages for exit 1 … N what is called one after the other
     * @param archives the archives' bytes, by the names that are called
     * @param heads the archive of the compiled heads
     */
    public static ArchivedStages load(List<List<Call>> stages, Map<String, byte[]> archives, byte[] heads) {
        Map<String, ForeignModule> loaded = ForeignModule.load(archives);
        try {
            return new ArchivedStages(stages, loaded, new ModuleStages(new CompiledModule(heads)));
        } catch (RuntimeException e) {
            loaded.values().forEach(ForeignModule::close);
            throw e;
        }
    }

    static ArchivedStages load(List<List<ArchivedStage>> stages, byte[] heads) {
        Map<String, byte[]> archives = new LinkedHashMap<>();
        stages.stream()
                .flatMap(List::stream)
                .map(ArchivedStage::file)
                .distinct()
                .forEach(file -> archives.put(file.toString(), bytes(file)));
        List<List<Call>> calls = stages.stream()
                .map(stage -> stage.stream()
                        .map(archived -> new Call(archived.file().toString(), archived.method()))
                        .toList())
                .toList();
        return load(calls, archives, heads);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    @Override
    public NDList run(int exit, NDList inputs) {
        NDList behind = new NDList(inputs);
        behind.set(0, through(stages.get(exit - 1), inputs.get(0)));
        NDList result = heads.run(exit, behind);
        behind.get(0).close();
        return result;
    }

    @Override
    public NDArray runBackbone(NDArray batch) {
        return through(backbone, batch);
    }

    private NDArray through(List<Call> calls, NDArray input) {
        NDArray activation = input;
        for (Call call : calls) {
            NDArray next = Objects.requireNonNull(archives.get(call.archive())).call(call.method(), activation);
            if (activation != input) {
                activation.close();
            }
            activation = next;
        }
        return activation;
    }

    @Override
    public void close() {
        archives.values().forEach(ForeignModule::close);
        heads.close();
    }
}
