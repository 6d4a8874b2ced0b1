package org.offramp.host.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;

/** A plugin's own class loader: only the SPI, DJL and SLF4J come from the host, everything else from the plugin's jars. */
final class PluginClassLoader extends URLClassLoader {
    static final List<String> SHARED = List.of("org.offramp.api.", "ai.djl.", "org.slf4j.", "org.jspecify.");

    static {
        ClassLoader.registerAsParallelCapable();
    }

    private final ClassLoader host;

    /**
     * A class loader over a plugin's jars.
     *
     * @param plugin the plugin's name
     * @param jars its jars, each checked to be whole: {@code URLClassLoader} skips a broken one silently
     * @param host where shared classes come from
     */
    static PluginClassLoader of(String plugin, List<Path> jars, ClassLoader host) throws MalformedURLException {
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = jars.get(i).toUri().toURL();
        }
        return new PluginClassLoader(plugin, urls, host);
    }

    private PluginClassLoader(String plugin, URL[] jars, ClassLoader host) {
        super("plugin:" + plugin, jars, ClassLoader.getPlatformClassLoader());
        this.host = host;
    }

    private static boolean shared(String name) {
        return SHARED.stream().anyMatch(name::startsWith);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        return shared(name) ? host.loadClass(name) : super.loadClass(name, resolve);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return findResources(name);
    }
}
