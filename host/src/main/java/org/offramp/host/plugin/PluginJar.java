package org.offramp.host.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.offramp.api.StrategyPlugin;

/**
 * What a jar says before any class of it is loaded.
 *
 * @param path the file
 * @param description the manifest's attributes, where it has a {@code Plugin-Name}
 * @param providers the classes that its service file names, in order; empty without that file
 */
record PluginJar(Path path, Optional<Attributes> description, Optional<List<String>> providers) {
    static final String SERVICE = "META-INF/services/" + StrategyPlugin.class.getName();

    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final Map<String, String> SHARED = Map.of(
            "org/offramp/api/", "give offramp-api the scope 'provided' and build it again",
            "ai/djl/", "give what brings DJL (ai.djl) the scope 'provided' and build it again",
            "org/slf4j/", "exclude slf4j-api from what is packed and build it again");

    /**
     * Opens a jar.
     *
     * @param path the file
     * @throws BrokenPlugin if it is not a whole jar, or packs what comes from the host
     */
    static PluginJar read(Path path) throws BrokenPlugin {
        checkStart(path);
        try (JarFile jar = new JarFile(path.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                checkShared(entry.getName().replaceFirst("^META-INF/versions/\\d+/", ""));
            }
            return new PluginJar(path, description(jar), providers(jar));
        } catch (IOException e) {
            throw new BrokenPlugin("the jar is damaged or cut off: " + e.getMessage(), "copy or download it again");
        }
    }

    private static void checkStart(Path path) throws BrokenPlugin {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] start = in.readNBytes(ZIP.length);
            if (start.length == 0) {
                throw new BrokenPlugin("the file is empty", "copy or download it again");
            }
            if (!Arrays.equals(start, ZIP)) {
                throw new BrokenPlugin(
                        "it is not a jar", "put the plugin's jar there; a failed download leaves a page of text");
            }
        } catch (IOException e) {
            throw new BrokenPlugin("it cannot be read: " + e.getMessage(), "check its permissions");
        }
    }

    private static void checkShared(String entry) throws BrokenPlugin {
        if (!entry.endsWith(".class")) {
            return;
        }
        for (Map.Entry<String, String> shared : SHARED.entrySet()) {
            if (entry.startsWith(shared.getKey())) {
                throw new BrokenPlugin("it packs " + entry + ", which comes from the host", shared.getValue());
            }
        }
    }

    private static Optional<Attributes> description(JarFile jar) throws IOException {
        Manifest manifest = jar.getManifest();
        return manifest == null || manifest.getMainAttributes().getValue("Plugin-Name") == null
                ? Optional.empty()
                : Optional.of(manifest.getMainAttributes());
    }

    private static Optional<List<String>> providers(JarFile jar) throws IOException {
        JarEntry entry = jar.getJarEntry(SERVICE);
        if (entry == null) {
            return Optional.empty();
        }
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
            return Optional.of(lines.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .distinct()
                    .toList());
        }
    }
}
