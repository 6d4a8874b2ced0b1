package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.BundleException;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.bundle.Exporter;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp export BUNDLE -o model.pt}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Write a bundle's whole early-exit network as one TorchScript archive for Python or C++, with nothing of Offramp in it.",
            "Exit policies that can be exported: max-probability, temperature, entropy, margin."
        })
final class ExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "the bundle")
    private Path directory = Path.of("");

    @Option(names = "-o", paramLabel = "FILE", required = true, description = "the archive, such as model.pt")
    private Path output = Path.of("");

    @Option(names = "--threshold", paramLabel = "T", description = "another threshold for all early exits")
    private @Nullable Double threshold;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    ExportCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() {
        if (Files.exists(output)) {
            throw new ConfigurationException(
                    List.of("-o " + output + ": there is something already; choose another place"));
        }
        byte[] archive;
        try (EarlyExitModel loaded = EarlyExitModel.load(directory, plugins.get());
                EarlyExitModel model = threshold == null
                        ? loaded.withThreshold(loaded.thresholds())
                        : loaded.withThreshold(threshold)) {
            archive = Exporter.export(model);
        }
        Path beside = output.resolveSibling(output.getFileName() + ".part");
        try {
            Files.write(beside, archive);
            Files.move(beside, output, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new BundleException(output + ": cannot be written: " + e.getMessage(), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(output + ": " + archive.length + " bytes; forward(x) for one sample, stages(x) for a batch");
        out.flush();
        return 0;
    }
}
