package org.offramp.host.cli;

import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.FileSource;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine.Option;

/** The options of commands that read a configuration and its data. */
final class RunOptions {
    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "change a key, such as data.path=folder; repeatable")
    private List<String> changes = new ArrayList<>();

    @Option(names = "--download", description = "allow datasets to download their published files")
    private boolean download;

    @Option(names = "--no-compile", description = "run inference operation by operation, to compare")
    private boolean noCompile;

    /** The changes, those of other options included. */
    List<String> changes() {
        List<String> all = new ArrayList<>(changes);
        if (noCompile) {
            all.add("execution.compile=false");
        }
        return all;
    }

    /** Reads a configuration and sets the engine's threads as it says. */
    RunConfig load(Path file, PluginRegistry registry) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(List.of(file + ": there is no such file"));
        }
        RunConfig config = RunConfigLoader.load(file, changes(), registry);
        apply(config);
        return config;
    }

    static void apply(RunConfig config) {
        if (config.execution().threads() > 0) {
            JniUtils.setNumThreads(config.execution().threads());
        }
    }

    /** Where data comes from. */
    FileSource source(Path folder) {
        return new FileSource(folder, download);
    }

    static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? Path.of("") : folder;
    }
}
