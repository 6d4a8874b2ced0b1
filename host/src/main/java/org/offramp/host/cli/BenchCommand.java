package org.offramp.host.cli;

import ai.djl.pytorch.jni.JniUtils;
import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.config.RunConfig;
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
    @Parameters(paramLabel = "BUNDLE", description = "the bundle")
    private Path directory = Path.of("");

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

    @Mixin
    private RunOptions options = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    BenchCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    /** Runs a batch and says what it cost in MACs a sample; the plain backbone's cost is known. */
    private interface Way {
        void run(float[][] batch);
    }

    @Override
    public Integer call() {
        if (rounds < 1 || samples < 1 || Arrays.stream(batches).anyMatch(batch -> batch < 1)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--batch, --rounds and --samples are at least 1");
        }
        PluginRegistry registry = plugins.get();
        Bundle bundle = Bundle.open(directory);
        RunConfig config = bundle.run(options.changes(), registry);
        Dataset dataset = config.data().open().apply(options.source(bundle.dataFolder()));
        PrintWriter out = spec.commandLine().getOut();
        try (EarlyExitModel model = EarlyExitModel.load(directory, registry);
                EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY)) {
            out.println(bundle.describe());
            out.println(
                    "| batch | threads | way | samples/s | p50 µs | p95 µs | p99 µs | MACs % | clock x | MACs x | realised |");
            out.println("|---|---|---|---|---|---|---|---|---|---|---|");
            for (int batch : batches) {
                int used = threads > 0
                        ? threads
                        : batch == 1 ? 1 : Runtime.getRuntime().availableProcessors();
                JniUtils.setNumThreads(used);
                measure(out, batch, used, model, never, dataset.test());
            }
        }
        out.flush();
        return 0;
    }

    private void measure(
            PrintWriter out, int batch, int used, EarlyExitModel model, EarlyExitModel never, Examples test) {
        float[][][] input = batches(batch, test, (int) model.inputShape().size());
        List<String> names = List.of("backbone", "early exit", "never exit");
        List<Way> ways = List.of(model::predictBackbone, model::predict, never::predict);
        long[][] times = new long[ways.size()][rounds * input.length];
        double[][] perRound = new double[ways.size()][rounds];
        for (int round = -2; round < rounds; round++) {
            for (int i = 0; i < input.length; i++) {
                for (int way = 0; way < ways.size(); way++) {
                    long begin = System.nanoTime();
                    ways.get(way).run(input[i]);
                    long time = System.nanoTime() - begin;
                    if (round >= 0) {
                        times[way][round * input.length + i] = time;
                        perRound[way][round] += time;
                    }
                }
            }
        }
        double[] macs = {model.backboneMacs(), meanMacs(model, input), meanMacs(never, input)};
        double plain = median(perRound[0]);
        for (int way = 0; way < ways.size(); way++) {
            double round = median(perRound[way]);
            double clock = plain / round;
            double cheaper = macs[0] / macs[way];
            Arrays.sort(times[way]);
            out.printf(
                    Locale.ROOT,
                    "| %d | %d | %s | %.0f | %.0f | %.0f | %.0f | %.1f | %.2f | %.2f | %.2f |%n",
                    batch,
                    used,
                    names.get(way),
                    (double) input.length * batch * 1e9 / round,
                    quantile(times[way], 0.5),
                    quantile(times[way], 0.95),
                    quantile(times[way], 0.99),
                    100 / cheaper,
                    clock,
                    cheaper,
                    clock / cheaper);
        }
        out.flush();
    }

    private float[][][] batches(int batch, Examples test, int size) {
        float[][][] input = new float[Math.max(1, samples / batch)][batch][size];
        for (int i = 0; i < input.length; i++) {
            for (int j = 0; j < batch; j++) {
                test.read((i * batch + j) % test.size(), input[i][j], 0);
            }
        }
        return input;
    }

    private static double meanMacs(EarlyExitModel model, float[][][] input) {
        double sum = 0;
        long count = 0;
        for (float[][] batch : input) {
            for (EarlyExitModel.Prediction prediction : model.predict(batch)) {
                sum += prediction.macs();
                count++;
            }
        }
        return sum / count;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Microseconds. */
    private static double quantile(long[] sorted, double fraction) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] / 1e3;
    }
}
