package org.offramp.host.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A jar of a plugin, compiled from source; right in every way unless it is told otherwise. */
public final class PluginJar {
    private static final String SERVICE = "META-INF/services/org.offramp.api.StrategyPlugin";

    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final List<String> sources = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<Path> libraries = new ArrayList<>();
    private String service = "zoo.Plugin";
    private List<String> compilerOptions = List.of();

    private PluginJar() {}

    /**
     * A plugin without components, class {@code zoo.Plugin}.
     *
     * @param name its name
     */
    public static PluginJar of(String name) {
        return of(name, "");
    }

    /**
     * A plugin, class {@code zoo.Plugin}.
     *
     * @param name its name
     * @param members further members of its class
     */
    public static PluginJar of(String name, String members) {
        return described(name)
                .source("package zoo; public class Plugin implements org.offramp.api.StrategyPlugin { " + members
                        + " public String name() { return \"" + name + "\"; } }");
    }

    /**
     * A plugin with one exit policy that takes the greatest logit.
     *
     * @param name the plugin's name
     * @param policy the policy's name, a Java expression
     */
    public static PluginJar withPolicy(String name, String policy) {
        return of(
                        name,
                        "public java.util.List<org.offramp.api.ExitPolicyFactory<?>> exitPolicies() {"
                                + " return java.util.List.of(new Policy()); }")
                .source("""
                        package zoo;
                        import org.offramp.api.*;
                        public final class Policy implements ExitPolicyFactory<Policy.Config> {
                            public record Config() {}
                            public String name() { return NAME; }
                            public Class<Config> configType() { return Config.class; }
                            public ExitPolicy create(Config config, PolicyState state) {
                                return evidence -> {
                                    FloatMatrix p = evidence.logits().softmax();
                                    return ExitScores.ofProbabilities(p, row -> p.get(row, p.argMax(row)));
                                };
                            }
                        }
                        """.replace("NAME", policy));
    }

    /**
     * A jar whose manifest describes a plugin, without a class.
     *
     * @param name the plugin's name
     */
    public static PluginJar described(String name) {
        PluginJar jar = new PluginJar();
        jar.manifest.put("Plugin-Name", name);
        jar.manifest.put("Plugin-Version", "2.3");
        jar.manifest.put("Spi-Version", "1.0");
        return jar;
    }

    /** A jar that is not a plugin. */
    public static PluginJar library() {
        return new PluginJar().service("");
    }

    /**
     * Another attribute of the manifest.
     *
     * @param attribute its name
     * @param value its value; the empty string takes it away
     */
    public PluginJar manifest(String attribute, String value) {
        manifest.put(attribute, value);
        if (value.isEmpty()) {
            manifest.remove(attribute);
        }
        return this;
    }

    /**
     * Another service file.
     *
     * @param text its text; the empty string leaves it out
     */
    public PluginJar service(String text) {
        service = text;
        return this;
    }

    /**
     * One more class.
     *
     * @param source with one type at the top
     */
    public PluginJar source(String source) {
        sources.add(source);
        return this;
    }

    /**
     * Leaves a class out of the jar.
     *
     * @param file such as {@code zoo/Needed.class}
     */
    public PluginJar without(String file) {
        leftOut.add(file);
        return this;
    }

    /**
     * Compiles against a library.
     *
     * @param jar the library
     */
    public PluginJar against(Path jar) {
        libraries.add(jar);
        return this;
    }

    /**
     * Compiles with options.
     *
     * @param options such as {@code --release 17}
     */
    public PluginJar options(String... options) {
        compilerOptions = List.of(options);
        return this;
    }

    /**
     * Compiles and writes.
     *
     * @param jar the file; its folder is made
     * @return the file
     */
    public Path write(Path jar) throws IOException {
        Path work = Files.createTempDirectory(
                Files.createDirectories(jar.toAbsolutePath().getParent()), ".work");
        Path classes = Files.createDirectories(work.resolve("classes"));
        compile(work, classes);
        Manifest written = new Manifest();
        written.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.forEach(written.getMainAttributes()::putValue);
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream archive = new JarOutputStream(out, written);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = classes.relativize(file).toString().replace('\\', '/');
                if (!leftOut.contains(name)) {
                    archive.putNextEntry(new JarEntry(name));
                    archive.write(Files.readAllBytes(file));
                }
            }
            if (!service.isEmpty()) {
                archive.putNextEntry(new JarEntry(SERVICE));
                archive.write(service.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private void compile(Path work, Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(compilerOptions);
        StringBuilder path = new StringBuilder(System.getProperty("java.class.path"));
        libraries.forEach(library -> path.append(File.pathSeparator).append(library));
        arguments.addAll(List.of("-proc:none", "-cp", path.toString(), "-d", classes.toString()));
        for (String source : sources) {
            String type = source.replaceAll("(?s).*?\\b(class|interface|record) (\\w+).*", "$2");
            arguments.add(
                    Files.writeString(work.resolve(type + ".java"), source).toString());
        }
        if (!sources.isEmpty()) {
            int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
            assertThat(code).as("the compiler's exit code").isZero();
        }
    }
}
