package org.offramp.host.cli;

import com.google.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.Search;
import org.offramp.host.calibration.Thresholds;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp calibrate BUNDLE}. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        description =
                "Choose other thresholds for a bundle, from its calibration samples. Nothing is trained; no data is needed.")
final class CalibrateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "the bundle; its thresholds are replaced")
    private Path directory = Path.of("");

    @ArgGroup(multiplicity = "1")
    private GoalOption goal = new GoalOption();

    @Option(
            names = "--confidence",
            paramLabel = "PROBABILITY",
            description = "of --max-accuracy-drop: how sure it is to hold for samples to come, such as 0.95")
    private @Nullable Double confidence;

    @Option(
            names = "--search",
            paramLabel = "METHOD",
            converter = MethodName.class,
            defaultValue = "global",
            description = "global (one threshold for all exits), per-exit, random-hull or dynamic; default: global")
    private Search.Method search = Search.Method.GLOBAL;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Inject
    CalibrateCommand() {}

    /** Methods as the configuration writes them. */
    static final class MethodName implements CommandLine.ITypeConverter<Search.Method> {
        @Override
        public Search.Method convert(String text) {
            for (Search.Method method : Search.Method.values()) {
                if (method.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text)) {
                    return method;
                }
            }
            throw new CommandLine.TypeConversionException(
                    "'" + text + "'; allowed are global, per-exit, random-hull, dynamic");
        }
    }

    /** Exactly one of these. */
    static final class GoalOption {
        @Option(
                names = "--max-accuracy-drop",
                paramLabel = "FRACTION",
                description = "greatest loss of accuracy against the last exit, such as 0.01")
        private @Nullable Double drop;

        @Option(
                names = "--max-macs",
                paramLabel = "FRACTION",
                description = "greatest mean MACs, as a fraction of the backbone's")
        private @Nullable Double macs;

        @Option(
                names = "--threshold",
                split = ",",
                paramLabel = "T",
                description = "thresholds: one for all, or one each")
        private List<Double> thresholds = new ArrayList<>();

        Goal goal(@Nullable Double confidence) {
            if (drop != null) {
                return new Goal.MaxAccuracyDrop(drop, confidence == null ? 0 : confidence);
            }
            if (confidence != null) {
                throw new IllegalArgumentException("--confidence goes with --max-accuracy-drop");
            }
            return macs != null
                    ? new Goal.MaxMacs(macs)
                    : new Goal.Given(
                            thresholds.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    @Override
    public Integer call() {
        Bundle bundle = Bundle.open(directory);
        Goal chosen;
        Thresholds thresholds;
        try {
            chosen = goal.goal(confidence);
            thresholds = bundle.thresholds(chosen, Search.of(search));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        bundle.seal(chosen, thresholds);
        PrintWriter out = spec.commandLine().getOut();
        out.println(Bundle.open(directory).describe());
        out.flush();
        return thresholds.reachable() ? 0 : 1;
    }
}
