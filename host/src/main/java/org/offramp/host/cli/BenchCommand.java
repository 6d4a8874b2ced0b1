package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Dataset;
import org.offramp.host.bench.BundleBench;
import org.offramp.host.bench.StreamBench;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.config.RunConfig;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.SampleStream;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp bench BUNDLE}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measure a bundle on its test samples: the plain compiled backbone, early exits, and never exiting, in turns within one run.",
            "MAC speed-up and clock speed-up are against the plain backbone; realised is clock over MACs."
        })
final class BenchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", arity = "0..1", description = "the bundle")
    private @Nullable Path directory;

    @Option(
            names = "--network",
            paramLabel = "FILE",
            description = {
                "measure a backbone instead: op by op and compiled, one thread and all cores, training, against a convolution's peak;",
                "twice, in a process of its own without the tuned allocator and in this one. FILE: input (a sample's shape), classes, backbone"
            })
    private @Nullable Path network;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description =
                    "with --network: also write the network and the figures, for bench/python/network.py to run the same in PyTorch")
    private @Nullable Path save;

    @Option(names = "--batch", split = ",", paramLabel = "N", description = "batch sizes (default: ${DEFAULT-VALUE})")
    private int[] batches = {1, 8, 64, 256};

    @Option(names = "--rounds", paramLabel = "N", description = "measured rounds (default: ${DEFAULT-VALUE})")
    private int rounds = 7;

    @Option(names = "--samples", paramLabel = "N", description = "samples a round (default: ${DEFAULT-VALUE})")
    private int samples = 1024;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "engine threads; by default one for batches of 1 and all cores for others")
    private int threads;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "how long every batch size warms up (default: ${DEFAULT-VALUE})")
    private int warmUp = 5;

    @Option(
            names = "--stream",
            description =
                    "measure single requests instead, regrouped before every stage, with --batch clients that ask again when answered")
    private boolean stream;

    @Option(
            names = "--max-wait",
            paramLabel = "MS",
            description = "with --stream: how long a request waits for others (default: ${DEFAULT-VALUE})")
    private int maxWait = 5;

    @Mixin
    private RunOptions options = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    BenchCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() {
        if (rounds < 1 || samples < 1 || Arrays.stream(batches).anyMatch(batch -> batch < 1)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--batch, --rounds and --samples are at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        if ((directory == null) == (network == null)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "give a BUNDLE or --network FILE");
        }
        if (network != null) {
            new NetworkBenchRun(plugins.get(), out).run(network, batches, threads, rounds, warmUp, save, arguments());
        } else if (directory != null) {
            bundle(directory, out);
        }
        out.flush();
        return 0;
    }

    /** The command line as it was given. */
    private List<String> arguments() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    private void bundle(Path directory, PrintWriter out) {
        PluginRegistry registry = plugins.get();
        Bundle bundle = Bundle.open(directory);
        RunConfig config = bundle.run(options.changes(), registry);
        Dataset dataset = config.data().open().apply(options.source(bundle.dataFolder()));
        try (EarlyExitModel model = EarlyExitModel.load(directory, registry)) {
            out.println(bundle.describe());
            if (stream) {
                stream(new StreamBench(model, dataset.test(), out));
            } else {
                BundleBench bench = new BundleBench(model, dataset.test(), out);
                bench.head();
                for (int batch : batches) {
                    bench.measure(batch, threads(batch), samples, rounds, TimeUnit.SECONDS.toNanos(warmUp));
                }
            }
        }
    }

    private void stream(StreamBench bench) {
        bench.head();
        for (int clients : batches) {
            SampleStream.Settings settings = new SampleStream.Settings(
                    Math.min(clients, EarlyExitRunner.MICRO_BATCH), Duration.ofMillis(maxWait), clients);
            bench.measure(clients, threads(clients), samples, rounds, settings);
        }
    }

    private int threads(int batch) {
        return threads > 0 ? threads : batch == 1 ? 1 : Runtime.getRuntime().availableProcessors();
    }
}
