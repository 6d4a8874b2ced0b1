package org.offramp.host.plugin;

import ai.djl.engine.Engine;
import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Binds the {@link PluginRegistry}: found once, when it is first asked for. */
public final class PluginModule extends AbstractModule {
    private final Supplier<List<Path>> roots;
    private final ClassLoader host;

    /**
     * A module.
     *
     * @param roots the folders with one directory per plugin; asked when the registry is
     * @param host finds the plugins of the class path, and gives plugins the shared classes
     */
    public PluginModule(Supplier<List<Path>> roots, ClassLoader host) {
        this.roots = roots;
        this.host = host;
    }

    @Provides
    @Singleton
    PluginRegistry registry() {
        // DJL picks its engine once, through this thread's class loader: before any plugin code runs.
        Engine.getInstance();
        return PluginFinder.find(roots.get(), host);
    }
}
