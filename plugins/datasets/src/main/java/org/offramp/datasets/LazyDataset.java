package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/** A dataset whose splits are read when they are first asked for, once. */
final class LazyDataset implements Dataset {
    private final Shape shape;
    private final List<String> classNames;
    private final OptionalInt tokenIds;
    private final Map<String, String> publishedFiles;
    private final Examples train;
    private final Supplier<Examples> testReader;
    private final Optional<Examples> unlabelled;
    private @Nullable Examples test;

    LazyDataset(Shape shape, List<String> classNames, Examples train, Supplier<Examples> testReader) {
        this(shape, classNames, OptionalInt.empty(), Map.of(), train, testReader, Optional.empty());
    }

    LazyDataset(
            Shape shape,
            List<String> classNames,
            OptionalInt tokenIds,
            Map<String, String> publishedFiles,
            Examples train,
            Supplier<Examples> testReader,
            Optional<Examples> unlabelled) {
        this.publishedFiles = Map.copyOf(publishedFiles);
        this.unlabelled = unlabelled;
        this.tokenIds = tokenIds;
        this.shape = shape;
        this.classNames = List.copyOf(classNames);
        this.train = train;
        this.testReader = testReader;
    }

    @Override
    public Shape sampleShape() {
        return shape;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public OptionalInt tokenIds() {
        return tokenIds;
    }

    @Override
    public Map<String, String> publishedFiles() {
        return publishedFiles;
    }

    @Override
    public Examples train() {
        return train;
    }

    @Override
    public Optional<Examples> unlabelled() {
        return unlabelled;
    }

    @Override
    public synchronized Examples test() {
        Examples read = test;
        if (read == null) {
            read = testReader.get();
            test = read;
        }
        return read;
    }
}
