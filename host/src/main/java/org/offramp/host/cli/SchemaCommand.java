package org.offramp.host.cli;

import com.google.inject.Inject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.offramp.host.config.ConfigSchema;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code offramp schema}. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description =
                "Print the JSON Schema of the YAML file, with the keys of every installed component, for editors.")
final class SchemaCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Main main;

    @Inject
    SchemaCommand(Main main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(ConfigSchema.of(main.registry()).toPrettyString());
        out.flush();
        return 0;
    }
}
