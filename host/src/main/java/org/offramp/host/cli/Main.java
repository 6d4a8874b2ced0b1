package org.offramp.host.cli;

import com.google.inject.Guice;
import com.google.inject.Injector;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.offramp.api.DatasetException;
import org.offramp.api.TrainingException;
import org.offramp.host.bundle.BundleException;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.graph.ArchiveException;
import org.offramp.host.inference.InferenceException;
import org.offramp.host.plugin.Faults;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code offramp}. */
@Command(
        name = "offramp",
        description = "Early-exit neural networks on the JVM: train, calibrate, really exit, compare.",
        subcommands = {
            LeaderboardCommand.class,
            TrainCommand.class,
            CalibrateCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            BenchCommand.class,
            ExportCommand.class,
            PluginsCommand.class,
            SchemaCommand.class,
            DoctorCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class)
public final class Main implements Runnable {
    static final int USAGE = 2;
    static final int PLUGIN = 3;
    static final int BUG = 70;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description = "a folder with one directory per plugin; repeatable",
            scope = ScopeType.INHERIT)
    private List<Path> plugins = new ArrayList<>();

    @Option(names = "--debug", description = "show the stack trace of errors", scope = ScopeType.INHERIT)
    private boolean debug;

    @Option(names = "--quiet", description = "show no progress", scope = ScopeType.INHERIT)
    private boolean quiet;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private Main() {}

    /**
     * Runs a command and exits with its code: 0 done; 1 ran, and the answer is no; 2 usage or configuration; 3 a plugin cannot load;
     * 70 a bug.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        if (!Boolean.getBoolean(Allocator.AS_IT_IS)) {
            Allocator.tune();
        }
        System.exit(run(arguments));
    }

    /**
     * Runs a command.
     *
     * @param arguments the command line
     * @return the exit code
     */
    public static int run(String... arguments) {
        return run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                arguments);
    }

    /**
     * Runs a command.
     *
     * @param out takes results
     * @param err takes errors
     * @param arguments the command line
     * @return the exit code
     */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        // Before DJL starts: it must not report usage, and picks its engine through this thread's class loader.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        Main main = new Main();
        Injector injector = Guice.createInjector(new CliModule(main));
        CommandLine line = new CommandLine(main, new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type.getName().startsWith("org.offramp.")
                        ? injector.getInstance(type)
                        : CommandLine.defaultFactory().create(type);
            }
        });
        ServiceLoader.load(Subcommand.class, Main.class.getClassLoader()).forEach(line::addSubcommand);
        line.setOut(out).setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((exception, command, result) -> main.explain(exception, command));
        try {
            return line.execute(arguments);
        } catch (LinkageError e) {
            return main.explain(e, line);
        }
    }

    /** A class that a plugin needs is often missed only when a component is used. */
    private int explain(LinkageError error, CommandLine command) {
        command.getErr().println("offramp: " + Faults.problem(error));
        if (debug) {
            error.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return PLUGIN;
    }

    private int explain(Exception exception, CommandLine command) {
        int code = exitCode(exception);
        String culprit = Faults.culprit(exception)
                .map(plugin -> "the plugin '" + plugin + "'")
                .orElse("Offramp or a plugin on the class path");
        command.getErr()
                .println("offramp: "
                        + (code == BUG ? "a bug in " + culprit + ": " + exception : exception.getMessage()));
        if (debug) {
            exception.printStackTrace(command.getErr());
        } else if (code == BUG) {
            command.getErr().println("offramp: --debug shows where");
        }
        command.getErr().flush();
        return code;
    }

    private static int exitCode(Exception exception) {
        if (exception instanceof ConfigurationException configuration && configuration.selectsBrokenPlugin()) {
            return PLUGIN;
        }
        boolean expected = exception instanceof ConfigurationException
                || exception instanceof DatasetException
                || exception instanceof TrainingException
                || exception instanceof InferenceException
                || exception instanceof ArchiveException
                || exception instanceof BundleException;
        return expected ? USAGE : BUG;
    }

    /** The folders of {@code --plugins}. */
    List<Path> plugins() {
        return plugins;
    }

    /** Whether progress is not wanted. */
    boolean quiet() {
        return quiet;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}
