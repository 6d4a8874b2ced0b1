package org.offramp.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zoo of broken plugins beside a good neighbour. */
class PluginFinderTest {
    private static final String SERVICE = "META-INF/services/org.offramp.api.StrategyPlugin";

    @TempDir
    private Path folder;

    private Path root = Path.of("");

    @BeforeEach
    void aGoodNeighbour() throws IOException {
        root = Files.createDirectories(folder.resolve("plugins"));
        plugin("good", manifest("good", "1.0"), "zoo.Good", source("Good", "good", ""));
    }

    private static String source(String type, String name, String body) {
        return "package zoo; public class " + type + " implements org.offramp.api.StrategyPlugin { " + body
                + " public String name() { return \"" + name + "\"; } }";
    }

    private static Map<String, String> manifest(String name, String spi) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("Plugin-Name", name);
        attributes.put("Plugin-Version", "2.3");
        attributes.put("Spi-Version", spi);
        return attributes;
    }

    private Path plugin(String directory, Map<String, String> manifest, String service, String... sources)
            throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes-" + directory));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        for (String source : sources) {
            String type = source.replaceAll("(?s).*?(class|interface) (\\w+).*", "$2");
            Path file = folder.resolve("src-" + directory).resolve(type + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, source);
            int result = compiler.run(
                    null,
                    null,
                    null,
                    "-cp",
                    System.getProperty("java.class.path") + java.io.File.pathSeparator + classes,
                    "-d",
                    classes.toString(),
                    file.toString());
            assertThat(result).isZero();
        }
        Path home = Files.createDirectories(root.resolve(directory));
        Path jar = home.resolve(directory + ".jar");
        Manifest written = new Manifest();
        written.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.forEach(written.getMainAttributes()::putValue);
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream archive = new JarOutputStream(out, written);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                archive.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                archive.write(Files.readAllBytes(file));
            }
            if (!service.isEmpty()) {
                archive.putNextEntry(new JarEntry(SERVICE));
                archive.write(service.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private void assertProblem(String plugin, String message) {
        // The neighbours on the class path are the built-in ones.
        PluginRegistry registry = PluginFinder.find(List.of(root), PluginFinderTest.class.getClassLoader());
        assertThat(registry.plugins()).anyMatch(loaded -> loaded.plugin().name().equals("good"));
        assertThat(registry.problems()).as("problems").anySatisfy(problem -> {
            assertThat(problem.plugin()).isEqualTo(plugin);
            assertThat(problem.message()).contains(message);
            assertThat(problem.cure()).isNotBlank();
        });
    }

    @Test
    void aGoodPluginHasItsOwnClassLoaderAndVersion() {
        PluginRegistry registry = PluginFinder.find(List.of(root), PluginFinderTest.class.getClassLoader());
        assertThat(registry.problems()).isEmpty();
        LoadedPlugin good = registry.plugins().stream()
                .filter(loaded -> loaded.plugin().name().equals("good"))
                .findFirst()
                .orElseThrow();
        assertThat(good.version()).isEqualTo("2.3");
        assertThat(good.plugin().getClass().getClassLoader().getName()).isEqualTo("plugin:good");
    }

    @Test
    void aServiceFileIsMissing() throws IOException {
        plugin("bad", manifest("bad", "1.0"), "", source("Bad", "bad", ""));
        assertProblem("bad", "no jar has META-INF/services");
    }

    @Test
    void theServiceNamesAMissingClass() throws IOException {
        plugin("bad", manifest("bad", "1.0"), "zoo.Gone", source("Bad", "bad", ""));
        assertProblem("bad", "zoo.Gone");
    }

    @Test
    void theServiceIsNotASubtype() throws IOException {
        plugin("bad", manifest("bad", "1.0"), "zoo.Bad", "package zoo; public class Bad { }");
        assertProblem("bad", "not a subtype");
    }

    @Test
    void theConstructorIsPrivate() throws IOException {
        plugin("bad", manifest("bad", "1.0"), "zoo.Bad", source("Bad", "bad", "private Bad() { }"));
        assertProblem("bad", "Unable to get public no-arg constructor");
    }

    @Test
    void theConstructorThrows() throws IOException {
        plugin(
                "bad",
                manifest("bad", "1.0"),
                "zoo.Bad",
                source("Bad", "bad", "public Bad() { throw new IllegalStateException(\"no licence\"); }"));
        assertProblem("bad", "no licence");
    }

    @Test
    void theStaticInitialiserThrows() throws IOException {
        plugin(
                "bad",
                manifest("bad", "1.0"),
                "zoo.Bad",
                source("Bad", "bad", "static int x = Integer.parseInt(\"seven\");"));
        assertProblem("bad", "seven");
    }

    @Test
    void aDependencyIsMissing() throws IOException {
        Path jar = plugin(
                "bad",
                manifest("bad", "1.0"),
                "zoo.Bad",
                "package zoo; public class Needed { }",
                source("Bad", "bad", "private final Needed needed = new Needed();"));
        Files.delete(folder.resolve("classes-bad/zoo/Needed.class"));
        Files.delete(jar);
        plugin("bad", manifest("bad", "1.0"), "zoo.Bad");
        assertProblem("bad", "zoo/Needed");
    }

    @Test
    void theSpiIsPackedIn() throws IOException {
        plugin(
                "bad",
                manifest("bad", "1.0"),
                "zoo.Bad",
                "package org.offramp.api; public class Copy { }",
                source("Bad", "bad", ""));
        assertProblem("bad", "it packs org/offramp/api/Copy.class");
    }

    @Test
    void aJarIsCutOff() throws IOException {
        Path jar = plugin("bad", manifest("bad", "1.0"), "zoo.Bad", source("Bad", "bad", ""));
        byte[] whole = Files.readAllBytes(jar);
        Files.write(jar, Arrays.copyOf(whole, whole.length / 2));
        assertProblem("bad", "it is not a whole jar");
    }

    @Test
    void theSpiIsOfAnotherMajorVersionOrNewer() throws IOException {
        plugin("major", manifest("major", "2.0"), "zoo.Bad", source("Bad", "major", ""));
        plugin("minor", manifest("minor", "1.7"), "zoo.Bad", source("Bad", "minor", ""));
        assertProblem("major", "it was built for the SPI 2.0");
        assertProblem("minor", "it was built for the SPI 1.7");
    }

    @Test
    void theNameIsTakenOrBad() throws IOException {
        plugin("again", manifest("good", "1.0"), "zoo.Bad", source("Bad", "good", ""));
        plugin("shout", manifest("SHOUT", "1.0"), "zoo.Bad", source("Bad", "SHOUT", ""));
        assertThat(PluginFinder.find(List.of(root), PluginFinderTest.class.getClassLoader())
                        .problems())
                .anyMatch(problem -> problem.message().contains("another plugin of the name 'good'"))
                .anyMatch(problem -> problem.message().contains("'SHOUT' does not match"));
    }

    @Test
    void aJarLiesDirectlyInTheFolder() throws IOException {
        Files.write(root.resolve("stray.jar"), new byte[] {1, 2, 3});
        Path other = Files.createDirectories(folder.resolve("other"));
        Files.move(root.resolve("good"), other.resolve("good"));
        Files.copy(other.resolve("good/good.jar"), other.resolve("loose.jar"));
        Files.delete(other.resolve("loose.jar"));
        try (JarOutputStream empty = new JarOutputStream(Files.newOutputStream(other.resolve("loose.jar")))) {
            empty.putNextEntry(new JarEntry("nothing"));
        }
        root = other;
        assertProblem("loose.jar", "a jar lies directly in the plugins folder");
    }

    @Test
    void aManifestSaysNothing() throws IOException {
        plugin("bad", Map.of(), "zoo.Bad", source("Bad", "bad", ""));
        assertProblem("bad", "no jar's manifest has Plugin-Name");
    }
}
