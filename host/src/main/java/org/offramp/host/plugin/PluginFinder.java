package org.offramp.host.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.offramp.api.StrategyPlugin;

/** Finds plugins on the class path and in plugin directories; what cannot be loaded becomes a problem with a cure. */
public final class PluginFinder {
    private static final String SERVICE = "META-INF/services/" + StrategyPlugin.class.getName();

    private final List<LoadedPlugin> found = new ArrayList<>();
    private final List<PluginProblem> problems = new ArrayList<>();

    private PluginFinder() {}

    /**
     * Finds plugins.
     *
     * @param roots folders that hold one directory per plugin; also a plugin's own directory
     * @param host the host's class loader, whose plugins on the class path are found too
     */
    public static PluginRegistry find(List<Path> roots, ClassLoader host) {
        PluginFinder finder = new PluginFinder();
        finder.onClassPath(host);
        roots.forEach(root -> finder.in(root, host));
        return new PluginRegistry(finder.found, finder.problems);
    }

    private void onClassPath(ClassLoader host) {
        var providers = ServiceLoader.load(StrategyPlugin.class, host).stream().iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                StrategyPlugin plugin = providers.next().get();
                String version = plugin.getClass().getPackage().getImplementationVersion();
                found.add(new LoadedPlugin(plugin, version == null ? "class path" : version, "class path"));
            } catch (ServiceConfigurationError e) {
                problems.add(new PluginProblem("class path", "class path", explain(e), "mend the class path"));
            }
        }
    }

    private void in(Path root, ClassLoader host) {
        if (!Files.isDirectory(root)) {
            problems.add(new PluginProblem(
                    String.valueOf(root.getFileName()), root.toString(), "there is no such folder", "mend --plugins"));
            return;
        }
        try {
            if (!jars(root).isEmpty() && hasManifestName(root)) {
                load(root, host);
                return;
            }
            for (Path jar : jars(root)) {
                problems.add(new PluginProblem(
                        String.valueOf(jar.getFileName()),
                        jar.toString(),
                        "a jar lies directly in the plugins folder",
                        "move it into a directory of its own"));
            }
            try (Stream<Path> directories = Files.list(root)) {
                directories.filter(Files::isDirectory).sorted().forEach(directory -> load(directory, host));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the plugins folder " + root, e);
        }
    }

    private static boolean hasManifestName(Path directory) throws IOException {
        for (Path jar : jars(directory)) {
            try (JarFile file = new JarFile(jar.toFile())) {
                Manifest manifest = file.getManifest();
                if (manifest != null && manifest.getMainAttributes().getValue("Plugin-Name") != null) {
                    return true;
                }
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    private static List<Path> jars(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private void load(Path directory, ClassLoader host) {
        String name = String.valueOf(directory.getFileName());
        try {
            List<Path> jars = jars(directory);
            if (jars.isEmpty()) {
                problem(name, directory, "there is no jar in it", "put the plugin's jars there");
                return;
            }
            Optional<Attributes> described = Optional.empty();
            boolean service = false;
            for (Path jar : jars) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    Optional<String> packed = file.stream()
                            .map(entry -> entry.getName())
                            .filter(entry -> entry.startsWith("org/offramp/api/") || entry.startsWith("ai/djl/"))
                            .filter(entry -> entry.endsWith(".class"))
                            .findFirst();
                    if (packed.isPresent()) {
                        problem(
                                name,
                                jar,
                                "it packs " + packed.get() + ", which comes from the host",
                                "give offramp-api and DJL the scope 'provided' and build it again");
                        return;
                    }
                    service |= file.getEntry(SERVICE) != null;
                    Manifest manifest = file.getManifest();
                    if (manifest != null && manifest.getMainAttributes().getValue("Plugin-Name") != null) {
                        described = Optional.of(manifest.getMainAttributes());
                    }
                } catch (IOException e) {
                    problem(name, jar, "it is not a whole jar: " + e.getMessage(), "copy or build it again");
                    return;
                }
            }
            load(directory, name, jars, described, service, host);
        } catch (IOException e) {
            problem(name, directory, "it cannot be read: " + e.getMessage(), "check its permissions");
        }
    }

    private void load(
            Path directory,
            String folder,
            List<Path> jars,
            Optional<Attributes> described,
            boolean service,
            ClassLoader host)
            throws MalformedURLException {
        if (described.isEmpty()) {
            problem(
                    folder,
                    directory,
                    "no jar's manifest has Plugin-Name",
                    "add Plugin-Name, Plugin-Version and Spi-Version to META-INF/MANIFEST.MF");
            return;
        }
        String name = described.get().getValue("Plugin-Name");
        Optional<String> version = spiProblem(described.get().getValue("Spi-Version"));
        if (version.isPresent()) {
            problem(name, directory, version.get(), "build it against the SPI " + StrategyPlugin.SPI_VERSION);
            return;
        }
        if (!service) {
            problem(name, directory, "no jar has " + SERVICE, "add that file with the plugin's class name in it");
            return;
        }
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = jars.get(i).toUri().toURL();
        }
        PluginClassLoader loader = new PluginClassLoader(name, urls, host);
        try {
            List<StrategyPlugin> plugins = ServiceLoader.load(StrategyPlugin.class, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
            if (plugins.size() != 1) {
                problem(
                        name,
                        directory,
                        SERVICE + " names " + plugins.size() + " plugins",
                        "a plugin directory brings exactly one");
                return;
            }
            if (!plugins.get(0).name().equals(name)) {
                problem(
                        name,
                        directory,
                        "its manifest says Plugin-Name " + name + ", the plugin itself '"
                                + plugins.get(0).name() + "'",
                        "make them the same");
                return;
            }
            String pluginVersion = described.get().getValue("Plugin-Version");
            found.add(new LoadedPlugin(
                    plugins.get(0), pluginVersion == null ? "unknown" : pluginVersion, directory.toString()));
        } catch (ServiceConfigurationError | LinkageError e) {
            problem(name, directory, explain(e), "ask its author, or remove it");
        }
    }

    private static Optional<String> spiProblem(@org.jspecify.annotations.Nullable String version) {
        if (version == null || !version.matches("\\d+\\.\\d+")) {
            return Optional.of("its manifest's Spi-Version is " + version);
        }
        List<String> wanted = List.of(version.split("\\.", -1));
        List<String> ours = List.of(StrategyPlugin.SPI_VERSION.split("\\.", -1));
        boolean fits =
                wanted.get(0).equals(ours.get(0)) && Integer.parseInt(wanted.get(1)) <= Integer.parseInt(ours.get(1));
        return fits
                ? Optional.empty()
                : Optional.of("it was built for the SPI " + version + "; this host has " + StrategyPlugin.SPI_VERSION);
    }

    private static String explain(Throwable error) {
        StringBuilder text = new StringBuilder(String.valueOf(error.getMessage()));
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            text.append(": ").append(cause);
        }
        return text.toString();
    }

    private void problem(String name, Path location, String message, String cure) {
        problems.add(new PluginProblem(name, location.toString(), message, cure));
    }
}
