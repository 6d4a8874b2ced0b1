package org.offramp.host.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One plugin's own directory: its jars are read and checked before any class is loaded. */
final class PluginDirectory {
    private final Path directory;
    private final Consumer<PluginProblem> problems;
    private String name;
    private String version = "-";
    private Path faulty;

    private PluginDirectory(Path directory, Consumer<PluginProblem> problems) {
        this.directory = directory;
        this.problems = problems;
        this.name = String.valueOf(directory.getFileName());
        this.faulty = directory;
    }

    /**
     * Loads the plugin of a directory.
     *
     * @param directory holds the plugin's jars
     * @param host the class loader that the SPI, DJL and SLF4J come from
     * @param found takes the plugin
     * @param problems takes what is wrong with it instead
     */
    static void load(Path directory, ClassLoader host, Consumer<LoadedPlugin> found, Consumer<PluginProblem> problems) {
        PluginDirectory plugin = new PluginDirectory(directory, problems);
        try {
            found.accept(plugin.load(host));
        } catch (BrokenPlugin e) {
            plugin.problems.accept(e.problem(plugin.name, plugin.version, plugin.faulty));
        } catch (IOException e) {
            plugin.problems.accept(new BrokenPlugin("it cannot be read: " + e.getMessage(), "check its permissions")
                    .problem(plugin.name, plugin.version, plugin.faulty));
        }
    }

    /** The jars of a folder, sorted by name. */
    static List<Path> jars(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private LoadedPlugin load(ClassLoader host) throws BrokenPlugin, IOException {
        List<Path> paths = jars(directory);
        if (paths.isEmpty()) {
            throw new BrokenPlugin("there is no jar in it", "put the plugin's jars there, or remove the directory");
        }
        List<PluginJar> jars = new ArrayList<>();
        for (Path path : paths) {
            faulty = path;
            jars.add(PluginJar.read(path));
        }
        faulty = directory;
        describe(jars);
        String provider = provider(jars);
        PluginClassLoader loader = PluginClassLoader.of(name, paths, host);
        try {
            return new LoadedPlugin(new Provider(provider, loader).create(name), version, directory.toString());
        } catch (BrokenPlugin e) {
            loader.close();
            throw e;
        }
    }

    private void describe(List<PluginJar> jars) throws BrokenPlugin {
        List<PluginJar> described =
                jars.stream().filter(jar -> jar.description().isPresent()).toList();
        if (described.isEmpty()) {
            throw new BrokenPlugin(
                    "no jar's manifest has Plugin-Name",
                    "add Plugin-Name, Plugin-Version and Spi-Version to META-INF/MANIFEST.MF");
        }
        if (described.size() > 1) {
            throw new BrokenPlugin(
                    described.size() + " jars have a Plugin-Name: " + names(described),
                    "give each plugin a directory of its own");
        }
        faulty = described.get(0).path();
        Attributes manifest = described.get(0).description().orElseThrow();
        name = manifest.getValue("Plugin-Name");
        if (!name.matches(PluginRegistry.NAME)) {
            throw new BrokenPlugin(
                    "its Plugin-Name '" + name + "' does not match " + PluginRegistry.NAME,
                    "use small letters, digits and hyphens, a letter first");
        }
        version = given(manifest.getValue("Plugin-Version"));
        SpiVersion.check(manifest.getValue("Spi-Version"), SpiVersion.HOST);
    }

    private static String given(@Nullable String version) throws BrokenPlugin {
        if (version == null || version.isBlank()) {
            throw new BrokenPlugin("its manifest has no Plugin-Version", "add it, such as Plugin-Version: 1.0.0");
        }
        return version;
    }

    private String provider(List<PluginJar> jars) throws BrokenPlugin {
        List<PluginJar> naming =
                jars.stream().filter(jar -> jar.providers().isPresent()).toList();
        if (naming.isEmpty()) {
            faulty = directory;
            throw new BrokenPlugin(
                    "no jar has the service file " + PluginJar.SERVICE,
                    "add that file with the name of the class that implements StrategyPlugin in it");
        }
        faulty = naming.get(0).path();
        List<String> providers = naming.stream()
                .flatMap(jar -> jar.providers().orElseThrow().stream())
                .distinct()
                .toList();
        if (providers.isEmpty()) {
            throw new BrokenPlugin(
                    "the service file " + PluginJar.SERVICE + " is empty",
                    "write the name of the class that implements StrategyPlugin into it");
        }
        if (providers.size() > 1) {
            throw new BrokenPlugin(
                    "the service file names " + providers.size() + " plugins: " + String.join(", ", providers),
                    "a directory brings exactly one; let it bring all components, or make two directories");
        }
        return providers.get(0);
    }

    private static String names(List<PluginJar> jars) {
        return String.join(
                ", ",
                jars.stream()
                        .map(jar -> String.valueOf(jar.path().getFileName()))
                        .toList());
    }
}
