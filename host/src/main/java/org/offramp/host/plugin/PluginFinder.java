package org.offramp.host.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Finds plugins on the class path and in plugin directories; what cannot be loaded becomes a problem with a cure. */
public final class PluginFinder {
    private static final String CLASS_PATH = "class path";

    private final ClassLoader host;
    private final List<LoadedPlugin> found = new ArrayList<>();
    private final List<PluginProblem> problems = new ArrayList<>();

    private PluginFinder(ClassLoader host) {
        this.host = host;
    }

    /**
     * Finds plugins.
     *
     * @param roots folders that hold one directory per plugin; also a plugin's own directory
     * @param host the host's class loader, whose plugins on the class path are found too
     */
    public static PluginRegistry find(List<Path> roots, ClassLoader host) {
        PluginFinder finder = new PluginFinder(host);
        finder.onClassPath();
        roots.stream().map(root -> root.toAbsolutePath().normalize()).distinct().forEach(finder::in);
        return new PluginRegistry(finder.found, finder.problems);
    }

    private void onClassPath() {
        var providers = ServiceLoader.load(StrategyPlugin.class, host).stream().iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                StrategyPlugin plugin = providers.next().get();
                String version = plugin.getClass().getPackage().getImplementationVersion();
                found.add(new LoadedPlugin(plugin, version == null ? CLASS_PATH : version, CLASS_PATH));
            } catch (ServiceConfigurationError e) {
                problems.add(new PluginProblem(CLASS_PATH, "-", CLASS_PATH, Faults.chain(e), "mend the class path"));
            }
        }
    }

    private void in(Path root) {
        if (!Files.isDirectory(root)) {
            problem(root, "there is no such folder", "mend --plugins");
            return;
        }
        try {
            List<Path> jars = PluginDirectory.jars(root);
            List<Path> directories = directories(root);
            if (!jars.isEmpty() && holdNoJar(directories)) {
                // A plugin's own directory, the way one is tried out.
                PluginDirectory.load(root, host, found::add, problems::add);
                return;
            }
            for (Path jar : jars) {
                problem(jar, "a jar lies directly in the plugins folder", "move it into a directory of its own");
            }
            for (Path directory : directories) {
                PluginDirectory.load(directory, host, found::add, problems::add);
            }
        } catch (IOException e) {
            problem(root, "the folder cannot be read: " + e.getMessage(), "check its permissions");
        }
    }

    private static List<Path> directories(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(file -> Files.isDirectory(file)
                            && !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static boolean holdNoJar(List<Path> directories) throws IOException {
        for (Path directory : directories) {
            if (!PluginDirectory.jars(directory).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void problem(Path location, String message, String cure) {
        String name = String.valueOf(location.getFileName());
        problems.add(new PluginProblem(name, "-", location.toString(), message, cure));
    }
}
