package org.offramp.conformance;

import java.net.URI;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.StrategyPlugin;

/**
 * A dataset under test, in one configuration.
 *
 * @param factory the factory
 * @param config the configuration
 * @param source where files may come from
 * @param <C> the configuration record
 */
public record DatasetSubject<C extends Record>(DatasetFactory<C> factory, C config, DataSource source) {
    /**
     * A dataset with the defaults of all its keys that may download nothing.
     *
     * @param factory the factory
     * @throws IllegalArgumentException if a key is required
     */
    public static <C extends Record> DatasetSubject<C> ofDefaults(DatasetFactory<C> factory) {
        return new DatasetSubject<>(factory, DefaultConfiguration.of(factory.configType()), offline(Path.of("")));
    }

    /**
     * A dataset with some keys given and the others left out.
     *
     * @param factory the factory
     * @param keys the given keys as in YAML, in flow style
     * @throws IllegalArgumentException if a key is missing, unknown or cannot be read
     */
    public static <C extends Record> DatasetSubject<C> of(DatasetFactory<C> factory, String keys) {
        return new DatasetSubject<>(factory, DefaultConfiguration.of(factory.configType(), keys), offline(Path.of("")));
    }

    /**
     * Every dataset of a plugin, with the defaults of all its keys.
     *
     * @param plugin the plugin
     * @throws IllegalArgumentException if a key is required
     */
    public static Stream<DatasetSubject<?>> allOf(StrategyPlugin plugin) {
        return plugin.datasets().stream().map(factory -> ofDefaults(factory));
    }

    /**
     * Local files only.
     *
     * @param folder what relative paths are relative to
     */
    public static DataSource offline(Path folder) {
        return new DataSource() {
            @Override
            public Path resolve(String path) {
                return folder.toAbsolutePath().resolve(path).normalize();
            }

            @Override
            public Path download(URI uri, String sha256) {
                throw new DatasetException(uri + " is not here, and the conformance suite downloads nothing");
            }
        };
    }

    Dataset open() {
        return factory.open(config, source);
    }

    @Override
    public String toString() {
        return "dataset " + factory.name() + " " + config;
    }
}
