package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.offramp.host.config.RunConfig;
import org.offramp.host.leaderboard.BoardRow;
import org.offramp.host.leaderboard.Leaderboard;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.training.Progress;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--resume", description = "go on with a run that was killed; finished strategies are not run again")
    private boolean resume;

    @Option(names = "--no-clock", description = "do not measure time per sample")
    private boolean noClock;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;
    private final Provider<Progress> progress;

    @Inject
    LeaderboardCommand(Provider<PluginRegistry> plugins, Provider<Progress> progress) {
        this.plugins = plugins;
        this.progress = progress;
    }

    @Override
    public Integer call() {
        PluginRegistry registry = plugins.get();
        RunConfig config = options.load(file, registry);
        Progress shown = progress.get();
        List<BoardRow> rows = new Leaderboard(config, output, Versions.of(registry), shown, !noClock)
                .run(options.source(RunOptions.folderOf(file)), resume);
        PrintWriter out = spec.commandLine().getOut();
        out.println(Boards.summary(output));
        out.println("board: " + output.resolve("board.html"));
        out.flush();
        return rows.stream().allMatch(BoardRow::finished) ? 0 : 1;
    }
}
