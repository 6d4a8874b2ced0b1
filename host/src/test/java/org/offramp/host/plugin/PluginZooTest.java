package org.offramp.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.host.testing.PluginJar;

/** A zoo of broken plugins beside a good neighbour: each has its own message with file and cure, and the neighbour loads. */
class PluginZooTest {
    private static final String GOOD = "good";

    /** One animal: makes its files under the plugins folder; what is said of it, where and with which cure. */
    private record Animal(String plugin, Maker maker, String file, String message, String cure) {
        @FunctionalInterface
        interface Maker {
            void makeIn(Path plugins) throws IOException;
        }
    }

    static final List<Arguments> ZOO = Stream.of(
                    plugin(
                            "no service file",
                            PluginJar.of("bad").service(""),
                            "bad",
                            "no jar has the service file META-INF/services/org.offramp.api.StrategyPlugin",
                            "add that file"),
                    plugin(
                            "an empty service file",
                            PluginJar.of("bad").service("# zoo.Plugin\n"),
                            "bad/bad.jar",
                            "the service file META-INF/services/org.offramp.api.StrategyPlugin is empty",
                            "write the name of the class"),
                    plugin(
                            "a service file that names a missing class",
                            PluginJar.of("bad").service("zoo.Gone"),
                            "bad/bad.jar",
                            "the service file names zoo.Gone, and no jar has that class",
                            "correct the name"),
                    plugin(
                            "not a subtype",
                            PluginJar.described("bad").source("package zoo; public class Plugin { }"),
                            "bad/bad.jar",
                            "the service file names zoo.Plugin, which is not a subtype of StrategyPlugin",
                            "let the class implement org.offramp.api.StrategyPlugin"),
                    plugin(
                            "a private constructor",
                            PluginJar.of("bad", "private Plugin() { }"),
                            "bad/bad.jar",
                            "the constructor of zoo.Plugin is private",
                            "make the constructor without parameters public"),
                    plugin(
                            "a constructor that throws",
                            PluginJar.of("bad", "public Plugin() { throw new IllegalStateException(\"no licence\"); }"),
                            "bad/bad.jar",
                            "the constructor of zoo.Plugin throws java.lang.IllegalStateException: no licence",
                            "load files and libraries when a component is made"),
                    plugin(
                            "no constructor without parameters",
                            PluginJar.of("bad", "public Plugin(int seed) { }"),
                            "bad/bad.jar",
                            "zoo.Plugin has no constructor without parameters",
                            "add a public one"),
                    plugin(
                            "an abstract class",
                            PluginJar.described("bad")
                                    .source("package zoo; public abstract class Plugin"
                                            + " implements org.offramp.api.StrategyPlugin { }"),
                            "bad/bad.jar",
                            "zoo.Plugin is abstract or not public",
                            "make it a public final class"),
                    plugin(
                            "a static initialiser that throws",
                            PluginJar.of("bad", "static int x = Integer.parseInt(\"seven\");"),
                            "bad/bad.jar",
                            "a static initialiser throws java.lang.NumberFormatException: For input string: \"seven\"",
                            "do nothing in it"),
                    plugin(
                            "a missing dependency",
                            PluginJar.of("bad", "private final Needed needed = new Needed();")
                                    .source("package zoo; public class Needed { }")
                                    .without("zoo/Needed.class"),
                            "bad/bad.jar",
                            "it needs the class zoo.Needed, which none of its jars has",
                            "put the library's jar into the plugin's directory"),
                    plugin(
                            "a missing dependency of its components",
                            PluginJar.of(
                                            "bad",
                                            "public java.util.List<org.offramp.api.ExitPolicyFactory<?>> exitPolicies() {"
                                                    + " return Other.policies(); }")
                                    .source("package zoo; class Other {"
                                            + " static java.util.List<org.offramp.api.ExitPolicyFactory<?>> policies() {"
                                            + " return java.util.List.of(); } }")
                                    .without("zoo/Other.class"),
                            "bad",
                            "it needs the class zoo.Other, which none of its jars has",
                            "put the library's jar into the plugin's directory"),
                    plugin(
                            "the SPI packed in",
                            PluginJar.of("bad").source("package org.offramp.api; public class Copy { }"),
                            "bad/bad.jar",
                            "it packs org/offramp/api/Copy.class, which comes from the host",
                            "give offramp-api the scope 'provided'"),
                    plugin(
                            "DJL packed in",
                            PluginJar.of("bad").source("package ai.djl.nn; public class Copy { }"),
                            "bad/bad.jar",
                            "it packs ai/djl/nn/Copy.class, which comes from the host",
                            "give what brings DJL (ai.djl) the scope 'provided'"),
                    plugin(
                            "SLF4J packed in",
                            PluginJar.of("bad").source("package org.slf4j; public class Copy { }"),
                            "bad/bad.jar",
                            "it packs org/slf4j/Copy.class, which comes from the host",
                            "exclude slf4j-api"),
                    animal(
                            "a truncated jar",
                            plugins -> {
                                Path jar = PluginJar.of("bad").write(plugins.resolve("bad/bad.jar"));
                                byte[] whole = Files.readAllBytes(jar);
                                Files.write(jar, Arrays.copyOf(whole, whole.length / 2));
                            },
                            "bad/bad.jar",
                            "the jar is damaged or cut off: ",
                            "copy or download it again"),
                    animal(
                            "not a jar",
                            plugins -> Files.writeString(
                                    Files.createDirectories(plugins.resolve("bad"))
                                            .resolve("bad.jar"),
                                    "<!doctype html><title>404</title>"),
                            "bad/bad.jar",
                            "it is not a jar",
                            "a failed download leaves a page of text"),
                    animal(
                            "an empty file",
                            plugins -> Files.createFile(Files.createDirectories(plugins.resolve("bad"))
                                    .resolve("bad.jar")),
                            "bad/bad.jar",
                            "the file is empty",
                            "copy or download it again"),
                    animal(
                            "a directory without jars",
                            plugins -> Files.createDirectories(plugins.resolve("bad")),
                            "bad",
                            "there is no jar in it",
                            "put the plugin's jars there, or remove the directory"),
                    plugin(
                            "no manifest attributes",
                            PluginJar.of("bad").manifest("Plugin-Name", ""),
                            "bad",
                            "no jar's manifest has Plugin-Name",
                            "add Plugin-Name, Plugin-Version and Spi-Version"),
                    plugin(
                            "no version",
                            PluginJar.of("bad").manifest("Plugin-Version", ""),
                            "bad/bad.jar",
                            "its manifest has no Plugin-Version",
                            "add it"),
                    plugin(
                            "no SPI version",
                            PluginJar.of("bad").manifest("Spi-Version", ""),
                            "bad/bad.jar",
                            "its manifest has no Spi-Version",
                            "write the version of the offramp-api it is built against, such as 1.0"),
                    plugin(
                            "an unreadable SPI version",
                            PluginJar.of("bad").manifest("Spi-Version", "one"),
                            "bad/bad.jar",
                            "its manifest's Spi-Version is 'one', which is not major.minor",
                            "such as 1.0"),
                    plugin(
                            "another SPI major",
                            PluginJar.of("bad").manifest("Spi-Version", "2.0"),
                            "bad/bad.jar",
                            "it was built for the SPI 2.0; this host has 1.0, another major version",
                            "get a release of it for the SPI 1.x"),
                    plugin(
                            "a newer SPI minor",
                            PluginJar.of("bad").manifest("Spi-Version", "1.7"),
                            "bad/bad.jar",
                            "it was built for the SPI 1.7; this host has 1.0, which is older",
                            "update Offramp"),
                    animal(
                            GOOD,
                            "the name of another plugin",
                            plugins -> PluginJar.of(GOOD).write(plugins.resolve("zz-again/again.jar")),
                            "zz-again",
                            "another plugin of the name 'good' is at ",
                            "remove one of the two, or rename this one"),
                    plugin(
                            "the component of another plugin",
                            PluginJar.withPolicy("zz-bad", "\"good-policy\""),
                            "zz-bad",
                            "the plugin 'good' already brings the exit policy 'good-policy'",
                            "rename this component, or remove one of the two plugins"),
                    plugin(
                            "a component twice",
                            PluginJar.of(
                                            "bad",
                                            "public java.util.List<org.offramp.api.ExitPolicyFactory<?>> exitPolicies() {"
                                                    + " var good = new zoo.Policy(); return java.util.List.of(good, good); }")
                                    .source(policySource("twice")),
                            "bad",
                            "it brings the exit policy 'twice' twice",
                            "rename or remove one of the two"),
                    plugin(
                            "a bad name of a component",
                            PluginJar.withPolicy("bad", "\"My Policy\""),
                            "bad",
                            "the name 'My Policy' of a component (exit policy) does not match [a-z][a-z0-9-]*",
                            "use small letters, digits and hyphens"),
                    plugin(
                            "components that throw",
                            PluginJar.withPolicy("bad", "String.valueOf(1 / 0)"),
                            "bad",
                            "it throws java.lang.ArithmeticException: / by zero",
                            "tell its author, or remove it"),
                    plugin(
                            "two providers",
                            PluginJar.of("bad").service("zoo.Plugin\nzoo.Other\n"),
                            "bad/bad.jar",
                            "the service file names 2 plugins: zoo.Plugin, zoo.Other",
                            "a directory brings exactly one"),
                    animal(
                            "bad",
                            "two described jars",
                            plugins -> {
                                PluginJar.of("bad").write(plugins.resolve("bad/bad.jar"));
                                PluginJar.of("worse").write(plugins.resolve("bad/worse.jar"));
                            },
                            "bad",
                            "2 jars have a Plugin-Name: bad.jar, worse.jar",
                            "give each plugin a directory of its own"),
                    animal(
                            "SHOUT",
                            "a bad name",
                            plugins -> PluginJar.of("SHOUT").write(plugins.resolve("shout/shout.jar")),
                            "shout/shout.jar",
                            "its Plugin-Name 'SHOUT' does not match [a-z][a-z0-9-]*",
                            "use small letters, digits and hyphens, a letter first"),
                    plugin(
                            "two names",
                            PluginJar.of("other").manifest("Plugin-Name", "bad"),
                            "bad/bad.jar",
                            "its manifest says Plugin-Name bad, the plugin itself 'other'",
                            "make them the same"),
                    animal(
                            "loose.jar",
                            "a jar directly under the plugins folder",
                            plugins -> PluginJar.of("loose").write(plugins.resolve("loose.jar")),
                            "loose.jar",
                            "a jar lies directly in the plugins folder",
                            "move it into a directory of its own"))
            .toList();

    @TempDir
    private Path folder;

    private Path plugins = Path.of("");

    private static Arguments plugin(String fault, PluginJar jar, String file, String message, String cure) {
        String directory = file.replaceAll("/.*", "");
        return animal(
                directory, fault, plugins -> jar.write(plugins.resolve(directory + "/bad.jar")), file, message, cure);
    }

    private static Arguments animal(String fault, Animal.Maker maker, String file, String message, String cure) {
        return animal("bad", fault, maker, file, message, cure);
    }

    private static Arguments animal(
            String plugin, String fault, Animal.Maker maker, String file, String message, String cure) {
        return Arguments.argumentSet(fault, new Animal(plugin, maker, file, message, cure));
    }

    private static String policySource(String name) {
        return """
               package zoo;
               public final class Policy implements org.offramp.api.ExitPolicyFactory<Policy.Config> {
                   public record Config() {}
                   public String name() { return "NAME"; }
                   public Class<Config> configType() { return Config.class; }
                   public org.offramp.api.ExitPolicy create(Config config, org.offramp.api.PolicyState state) {
                       throw new UnsupportedOperationException();
                   }
               }
               """.replace("NAME", name);
    }

    @BeforeEach
    void aGoodNeighbour() throws IOException {
        plugins = folder.resolve("plugins");
        PluginJar.withPolicy(GOOD, "\"good-policy\"").write(plugins.resolve("good/good.jar"));
    }

    private PluginRegistry find() {
        // The class path's plugins are the built-in ones.
        return PluginFinder.find(List.of(plugins), PluginZooTest.class.getClassLoader());
    }

    private LoadedPlugin loaded(String name) {
        return find().plugins().stream()
                .filter(plugin -> plugin.plugin().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @FieldSource("ZOO")
    void aBrokenPluginIsNamedWithFileAndCureAndItsNeighbourLoads(Animal animal) throws IOException {
        animal.maker().makeIn(plugins);
        PluginRegistry registry = find();
        assertThat(registry.problems()).hasSize(1);
        PluginProblem problem = registry.problems().get(0);
        assertThat(problem.plugin()).isEqualTo(animal.plugin());
        assertThat(problem.message()).startsWith(animal.message());
        assertThat(problem.cure()).contains(animal.cure());
        assertThat(Path.of(problem.location())).isEqualTo(plugins.resolve(animal.file()));
        assertThat(registry.policies()).containsKey("good-policy");
        assertThat(registry.plugins())
                .extracting(plugin -> plugin.plugin().name())
                .contains(GOOD);
    }

    @Test
    void everyAnimalHasItsOwnMessage() {
        Set<String> messages = new HashSet<>();
        for (Arguments arguments : ZOO) {
            Animal animal = (Animal) arguments.get()[0];
            // The two with a missing dependency say which class, and the packed ones which package.
            assertThat(messages.add(animal.message()))
                    .as("a message of its own: " + animal.message())
                    .isTrue();
        }
        assertThat(messages).hasSizeGreaterThanOrEqualTo(30);
    }

    @Test
    void aGoodPluginHasItsOwnClassLoaderAndVersion() {
        LoadedPlugin good = loaded(GOOD);
        assertThat(find().problems()).isEmpty();
        assertThat(good.version()).isEqualTo("2.3");
        assertThat(good.location()).isEqualTo(plugins.resolve(GOOD).toString());
        ClassLoader loader = good.plugin().getClass().getClassLoader();
        assertThat(loader.getName()).isEqualTo("plugin:good");
        assertThat(loader.getParent()).isSameAs(ClassLoader.getPlatformClassLoader());
    }

    @Test
    void onlySharedPackagesComeFromTheHost() throws ClassNotFoundException {
        ClassLoader loader = loaded(GOOD).plugin().getClass().getClassLoader();
        assertThat(loader.loadClass("ai.djl.nn.Block")).isSameAs(ai.djl.nn.Block.class);
        assertThat(loader.loadClass("org.offramp.api.Key")).isSameAs(org.offramp.api.Key.class);
        for (String hidden :
                List.of("org.offramp.host.plugin.PluginFinder", "com.google.inject.Guice", "picocli.CommandLine")) {
            assertThat(catchThrowable(() -> loader.loadClass(hidden)))
                    .as(hidden)
                    .isInstanceOf(ClassNotFoundException.class);
        }
        assertThat(loader.getResource("META-INF/services/org.offramp.api.StrategyPlugin"))
                .asString()
                .contains("good.jar");
    }

    @Test
    void twoVersionsOfOneLibraryInTwoPluginsBothWork() throws Exception {
        for (int version = 1; version <= 2; version++) {
            String name = "uses-" + version;
            Path library = PluginJar.library()
                    .source("package lib; public class Lib { public static String version() { return \"v" + version
                            + "\"; } }")
                    .write(plugins.resolve(name + "/lib-" + version + ".jar"));
            PluginJar.withPolicy(name, "lib.Lib.version()")
                    .against(library)
                    .write(plugins.resolve(name + "/" + name + ".jar"));
        }
        PluginRegistry registry = find();
        assertThat(registry.problems()).isEmpty();
        FloatMatrix logits = FloatMatrix.wrap(new float[] {1, 3, 2}, 1, 3);
        Evidence evidence = new Evidence(2, List.of(Map.of(HeadOutput.LOGITS, logits)));
        for (String policy : List.of("v1", "v2")) {
            ExitPolicyFactory<?> factory = registry.policies().get(policy);
            assertThat(factory).as(policy).isNotNull();
            assertThat(answer(factory, evidence)).isEqualTo(1);
        }
    }

    private static <C extends Record> int answer(ExitPolicyFactory<C> factory, Evidence evidence)
            throws ReflectiveOperationException {
        C config = factory.configType().getConstructor().newInstance();
        return factory.create(config, PolicyState.EMPTY).score(evidence).prediction(0);
    }

    @Test
    void aPluginsOwnDirectoryCanBeNamedItself() throws IOException {
        Files.createDirectories(plugins.resolve("good/notes"));
        PluginRegistry registry =
                PluginFinder.find(List.of(plugins.resolve(GOOD)), PluginZooTest.class.getClassLoader());
        assertThat(registry.policies()).containsKey("good-policy");
        assertThat(registry.problems()).isEmpty();
    }

    @Test
    void aMissingFolderIsNamed() {
        PluginRegistry registry =
                PluginFinder.find(List.of(plugins.resolve("nowhere")), PluginZooTest.class.getClassLoader());
        assertThat(registry.problems()).hasSize(1).first().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo("there is no such folder");
            assertThat(problem.location()).isEqualTo(plugins.resolve("nowhere").toString());
        });
    }
}
