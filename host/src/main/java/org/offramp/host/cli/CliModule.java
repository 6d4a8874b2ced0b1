package org.offramp.host.cli;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.offramp.host.plugin.PluginModule;
import org.offramp.host.training.Progress;

/** Wires the commands. What depends on the command line's options is provided when a command asks, after they are read. */
final class CliModule extends AbstractModule {
    private final Main main;

    CliModule(Main main) {
        this.main = main;
    }

    @Override
    protected void configure() {
        install(new PluginModule(this::roots, Main.class.getClassLoader()));
    }

    /** The plugins of the installation, then those of {@code --plugins}. */
    private List<Path> roots() {
        List<Path> roots = new ArrayList<>();
        String home = System.getProperty("offramp.home", "");
        if (!home.isEmpty() && Files.isDirectory(Path.of(home, "plugins"))) {
            roots.add(Path.of(home, "plugins"));
        }
        roots.addAll(main.plugins());
        return roots;
    }

    @Provides
    Progress progress() {
        return main.quiet() ? Progress.NONE : new LineProgress(System.err);
    }
}
