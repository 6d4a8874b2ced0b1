package org.offramp.host.cli;

import ai.djl.pytorch.jni.JniUtils;
import com.google.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.FileSource;
import org.offramp.host.leaderboard.BoardRow;
import org.offramp.host.leaderboard.Leaderboard;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.training.Progress;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp leaderboard FILE -o DIR}. */
@Command(
        name = "leaderboard",
        mixinStandardHelpOptions = true,
        description = "Train, calibrate, really exit and rank the strategies of a YAML file.")
final class LeaderboardCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the strategies, as YAML")
    private Path file = Path.of("");

    @Option(names = "-o", paramLabel = "DIR", required = true, description = "an empty folder for board and records")
    private Path output = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "change a key, such as data.path=folder; repeatable")
    private List<String> changes = new ArrayList<>();

    @Option(names = "--resume", description = "go on with a run that was killed; finished strategies are not run again")
    private boolean resume;

    @Option(names = "--download", description = "allow datasets to download their published files")
    private boolean download;

    @Option(names = "--no-clock", description = "do not measure time per sample")
    private boolean noClock;

    @Option(names = "--no-compile", description = "run inference operation by operation, to compare")
    private boolean noCompile;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Main main;

    @Inject
    LeaderboardCommand(Main main) {
        this.main = main;
    }

    private List<String> allChanges() {
        List<String> all = new ArrayList<>(changes);
        if (noCompile) {
            all.add("execution.compile=false");
        }
        return all;
    }

    @Override
    public Integer call() {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(List.of(file + ": there is no such file"));
        }
        PluginRegistry registry = main.registry();
        RunConfig config = RunConfigLoader.load(file, allChanges(), registry);
        if (config.execution().threads() > 0) {
            JniUtils.setNumThreads(config.execution().threads());
        }
        Progress progress = main.quiet() ? Progress.NONE : new LineProgress(System.err);
        Path folder = file.toAbsolutePath().getParent();
        FileSource source = new FileSource(folder == null ? Path.of("") : folder, download);
        List<BoardRow> rows =
                new Leaderboard(config, output, Versions.of(registry), progress, !noClock).run(source, resume);
        PrintWriter out = spec.commandLine().getOut();
        out.println(Boards.summary(output));
        out.println("board: " + output.resolve("board.html"));
        out.flush();
        return rows.stream().allMatch(BoardRow::finished) ? 0 : 1;
    }
}
