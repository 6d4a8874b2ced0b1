package org.offramp.host.cli;

import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code offramp plugins list} and {@code offramp plugins verify}. */
@Command(name = "plugins", mixinStandardHelpOptions = true, description = "Show the plugins and what they bring.")
final class PluginsCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    PluginsCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "list or verify is missing");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the plugins.")
    int list() {
        print(plugins.get());
        return 0;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "List the plugins; exit with 3 where one cannot be loaded.")
    int verify() {
        PluginRegistry registry = plugins.get();
        print(registry);
        return registry.problems().isEmpty() ? 0 : Main.PLUGIN;
    }

    private void print(PluginRegistry registry) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(PluginTable.of(registry));
        out.flush();
    }
}
