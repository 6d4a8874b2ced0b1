package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.offramp.api.Dataset;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfig.Strategy;
import org.offramp.host.data.DataSplits;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.strategy.Fit;
import org.offramp.host.strategy.SealedStrategy;
import org.offramp.host.strategy.TrainedNetworks;
import org.offramp.host.training.Progress;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp train FILE -o BUNDLE}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Train and calibrate one strategy of a YAML file and save it as a bundle. Test data is not read.")
final class TrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the strategies, as YAML")
    private Path file = Path.of("");

    @Option(names = "-o", paramLabel = "BUNDLE", required = true, description = "where the bundle is to be")
    private Path output = Path.of("");

    @Option(names = "--strategy", paramLabel = "NAME", description = "which strategy, where the file has several")
    private String name = "";

    @Option(names = "--seed", paramLabel = "N", description = "which seed; the file's first by default")
    private long seed = -1;

    @Mixin
    private RunOptions options = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;
    private final Provider<Progress> progress;

    @Inject
    TrainCommand(Provider<PluginRegistry> plugins, Provider<Progress> progress) {
        this.plugins = plugins;
        this.progress = progress;
    }

    @Override
    public Integer call() {
        PluginRegistry registry = plugins.get();
        RunConfig config = one(options.load(file, registry));
        if (Files.exists(output)) {
            throw new ConfigurationException(
                    List.of("-o " + output + ": there is something already; choose another place"));
        }
        Path folder = RunOptions.folderOf(file);
        Dataset dataset = config.data().open().apply(options.source(folder));
        Fit.check(config, dataset);
        Fit.checkBundles(config, dataset);
        long run = config.seeds().get(0);
        DataSplits splits = config.split(dataset, run);
        Progress shown = progress.get();
        Path absolute = output.toAbsolutePath();
        Path work = absolute.resolveSibling("." + absolute.getFileName() + ".work");
        try (TrainedNetworks networks = new TrainedNetworks(config, splits, run, work, shown)) {
            Strategy strategy = config.strategies().get(0);
            TrainedNetworks.Trained trained = networks.of(strategy);
            SealedStrategy sealed = SealedStrategy.seal(
                    strategy.policy().orElseThrow(),
                    strategy.calibrate().orElseThrow(),
                    trained,
                    splits.calibration().labels(),
                    run);
            Bundle bundle = Bundle.write(
                    output,
                    config,
                    new Bundle.Origin(
                            Versions.of(registry),
                            hashes(splits),
                            Versions.pluginOf(strategy.policy().orElseThrow().name(), registry),
                            dataset.publishedFiles(),
                            folder),
                    dataset.classNames(),
                    splits.normalization(),
                    trained,
                    sealed);
            PrintWriter out = spec.commandLine().getOut();
            out.println(bundle.describe());
            out.println("bundle: " + output);
            out.flush();
            TrainedNetworks.discard(work);
            return sealed.thresholds().reachable() ? 0 : 1;
        }
    }

    private static SortedMap<String, String> hashes(DataSplits splits) {
        return new TreeMap<>(Map.of(
                "train", splits.training().hash(),
                "validation", splits.validation().hash(),
                "calibration", splits.calibration().hash()));
    }

    /** The run of one strategy and one seed. */
    private RunConfig one(RunConfig config) {
        List<Strategy> candidates = config.strategies().stream()
                .filter(strategy -> strategy.control().isEmpty())
                .filter(strategy -> name.isEmpty() || strategy.name().equals(name))
                .toList();
        if (candidates.size() != 1) {
            List<String> names = new ArrayList<>();
            config.strategies().stream()
                    .filter(strategy -> strategy.control().isEmpty())
                    .forEach(strategy -> names.add(strategy.name()));
            throw new ConfigurationException(List.of(file + ": --strategy '" + name + "'; name one of " + names));
        }
        return config.only(candidates.get(0), seed < 0 ? config.seeds().get(0) : seed);
    }
}
