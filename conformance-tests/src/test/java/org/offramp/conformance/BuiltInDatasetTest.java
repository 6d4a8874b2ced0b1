package org.offramp.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.offramp.api.DatasetFactory;
import org.offramp.api.StrategyPlugin;

/** Every built-in dataset passes every rule, on small files of its format. */
class BuiltInDatasetTest extends DatasetConformance {
    @Override
    protected Stream<DatasetSubject<?>> subjects() {
        Map<String, List<String>> keys = keys();
        return ServiceLoader.load(StrategyPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .flatMap(plugin -> plugin.datasets().stream())
                .flatMap(factory -> subjects(factory, keys.getOrDefault(factory.name(), List.of())));
    }

    private static Stream<DatasetSubject<?>> subjects(DatasetFactory<?> factory, List<String> keys) {
        if (keys.isEmpty()) {
            throw new AssertionError("no files are written here for the dataset '" + factory.name() + "'");
        }
        return keys.stream().map(given -> DatasetSubject.of(factory, "{" + given + "}"));
    }

    /** The subjects are asked for before JUnit makes its own temporary folders. */
    private static Map<String, List<String>> keys() {
        try {
            DatasetFiles files = DatasetFiles.write();
            return Map.ofEntries(
                    Map.entry("given", List.of("")),
                    Map.entry("glyphs", List.of("")),
                    Map.entry("fashion-mnist", List.of(files.path("idx"))),
                    Map.entry("mnist", List.of(files.path("idx"), files.path("idx") + ", train: 11, test: 3")),
                    Map.entry("idx", List.of(files.path("idx"))),
                    Map.entry("digits", List.of(files.path("digits"), files.path("digits") + ", train: 11")),
                    Map.entry("motionsense", List.of(files.path("windows"))),
                    Map.entry("npy-windows", List.of(files.path("windows"), files.path("windows") + ", train: 11")),
                    Map.entry(
                            "image-folder",
                            List.of(files.path("images"), files.path("images") + ", grey: true, calibration: 2")),
                    Map.entry("cifar10", List.of(files.path("cifar10"), files.path("cifar10") + ", train: 11")),
                    Map.entry("cifar100", List.of(files.path("cifar100"))),
                    Map.entry(
                            "text-csv",
                            List.of(files.path("texts"), files.path("texts") + ", length: 3, vocabulary: 6")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
