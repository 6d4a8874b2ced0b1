package org.offramp.host.config;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.Examples;

/** A dataset whose errors name the place of the configuration that chose it. */
record LocatedDataset(Places places, Dataset dataset) implements Dataset {
    /** Opens a dataset. */
    static Dataset open(Places places, Supplier<Dataset> open) {
        return new LocatedDataset(places, at(places, open));
    }

    /** Does what may find the data wrong. */
    static <T> T at(Places places, Supplier<T> work) {
        try {
            return work.get();
        } catch (DatasetException e) {
            throw new DatasetException(places.at(String.valueOf(e.getMessage())), e);
        }
    }

    @Override
    public Shape sampleShape() {
        return at(places, dataset::sampleShape);
    }

    @Override
    public List<String> classNames() {
        return at(places, dataset::classNames);
    }

    @Override
    public Map<String, String> publishedFiles() {
        return dataset.publishedFiles();
    }

    @Override
    public OptionalInt tokenIds() {
        return at(places, dataset::tokenIds);
    }

    @Override
    public Examples train() {
        return at(places, dataset::train);
    }

    @Override
    public Optional<Examples> unlabelled() {
        return at(places, dataset::unlabelled);
    }

    @Override
    public Optional<Examples> calibration() {
        return at(places, dataset::calibration);
    }

    @Override
    public Examples test() {
        return at(places, dataset::test);
    }
}
