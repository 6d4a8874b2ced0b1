package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.offramp.api.Dataset;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.metrics.Outcomes;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code offramp evaluate BUNDLE}. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Answer the test split of a bundle's dataset with real early exits, and without, and compare.")
final class EvaluateCommand implements Callable<Integer> {
    private static final int BATCH = 64;

    @Parameters(paramLabel = "BUNDLE", description = "the bundle")
    private Path directory = Path.of("");

    @Mixin
    private RunOptions options = new RunOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    EvaluateCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() {
        PluginRegistry registry = plugins.get();
        Bundle bundle = Bundle.open(directory);
        RunConfig config = bundle.run(options.changes(), registry);
        RunOptions.apply(config);
        Dataset dataset = config.data().open().apply(options.source(bundle.dataFolder()));
        PrintWriter out = spec.commandLine().getOut();
        try (EarlyExitModel model = EarlyExitModel.load(directory, registry);
                EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY)) {
            if (!model.classNames().equals(dataset.classNames())
                    || !model.inputShape().equals(dataset.sampleShape())) {
                throw new ConfigurationException(List.of(directory + ": made for samples of shape " + model.inputShape()
                        + " and " + model.classNames().size() + " classes; the dataset has " + dataset.sampleShape()
                        + " and "
                        + dataset.classNames().size()));
            }
            Outcomes early = outcomes(model, dataset);
            Outcomes backbone = outcomes(never, dataset);
            double[] rates = early.exitRates(model.thresholds().length + 1);
            double macs = early.meanMacs(model.cumulativeMacs());
            double[] interval = early.wilson();
            out.printf(
                    Locale.ROOT,
                    "test: %d samples, accuracy %.2f %% (95 %%: %.2f to %.2f), backbone %.2f %%, %.1f %% of the backbone's MACs, exits %s%n",
                    early.size(),
                    100 * early.accuracy(),
                    100 * interval[0],
                    100 * interval[1],
                    100 * backbone.accuracy(),
                    100 * macs / model.backboneMacs(),
                    Arrays.stream(rates)
                            .mapToObj(rate -> String.format(Locale.ROOT, "%.1f %%", 100 * rate))
                            .collect(Collectors.joining(" / ")));
        }
        out.flush();
        return 0;
    }

    private static Outcomes outcomes(EarlyExitModel model, Dataset dataset) {
        int size = dataset.test().size();
        int[] labels = new int[size];
        int[] exits = new int[size];
        int[] predictions = new int[size];
        for (int from = 0; from < size; from += BATCH) {
            float[][] samples = new float[Math.min(BATCH, size - from)]
                    [(int) dataset.sampleShape().size()];
            for (int i = 0; i < samples.length; i++) {
                dataset.test().read(from + i, samples[i], 0);
                labels[from + i] = dataset.test().label(from + i);
            }
            List<EarlyExitModel.Prediction> answers = model.predict(samples);
            for (int i = 0; i < samples.length; i++) {
                exits[from + i] = answers.get(i).exit();
                predictions[from + i] = answers.get(i).index();
            }
        }
        return new Outcomes(labels, exits, predictions);
    }
}
