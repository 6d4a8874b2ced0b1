package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.host.data.Batches;
import org.offramp.host.data.Hashes;
import org.offramp.host.data.SampleSet;
import org.offramp.host.network.Network;

/**
 * What frozen stages give to the heads of a phase and to the first stage that it trains, computed once per sample and kept on disk; for a head, after
 * its part that has no parameters.
 * A file is named after everything it depends on (the stages' parameters, the samples, and what comes out for some of them), so that phases of
 * one run that share a trunk, such as a sweep over attach points, share it. A phase that would need more than {@link #MOST_BYTES} does without;
 * the folder is kept below twice that by deleting the files that were used longest ago.
 */
final class StoredActivations implements AutoCloseable {
    static final long MOST_BYTES = 2L << 30;

    private static final int BATCH = 256;
    private static final int PROBE = 3;

    private final Network network;
    private final Map<Wanted, ActivationFile> files = new LinkedHashMap<>();

    private StoredActivations(Network network) {
        this.network = network;
    }

    /**
     * What is kept of a sample.
     *
     * @param exit the stage whose activation it is made of
     * @param output the head's output; empty for the activation itself, which after the last stage is its logits
     * @param beginning the blocks between the activation and what is kept
     */
    record Wanted(int exit, Optional<HeadOutput> output, List<Block> beginning) {
        /** What a head needs; the whole activation where it reads other heads too. */
        static Wanted of(Head head) {
            if (!head.inputs().isEmpty()) {
                return activation(head.exit());
            }
            return new Wanted(
                    head.exit(), Optional.of(head.output()), HeadParts.of(head).beginning());
        }

        static Wanted activation(int exit) {
            return new Wanted(exit, Optional.empty(), List.of());
        }
    }

    /**
     * Opens the stored activations of a set of samples; what is not there is computed.
     *
     * @param network the network; its stages up to {@code last} are not trained while this is in use
     * @param stage runs a stage in inference mode
     * @param all what is wanted
     * @param samples the samples
     * @param folder where files are kept
     * @return empty if it would be too much, or there are no samples
     */
    static Optional<StoredActivations> open(
            Network network,
            BiFunction<Integer, NDArray, NDArray> stage,
            List<Wanted> all,
            SampleSet samples,
            Path folder) {
        if (samples.size() == 0) {
            return Optional.empty();
        }
        List<Wanted> wanted = all.stream()
                .distinct()
                .sorted(Comparator.comparingInt(Wanted::exit))
                .toList();
        StoredActivations stored = new StoredActivations(network);
        try {
            Files.createDirectories(folder);
            Map<Wanted, Shape> shapes = new LinkedHashMap<>();
            Map<Wanted, Path> places = stored.places(wanted, samples, folder, shapes);
            long bytes = shapes.values().stream()
                    .mapToLong(shape -> ActivationFile.bytes(samples.size(), shape))
                    .sum();
            if (bytes > MOST_BYTES) {
                return Optional.empty();
            }
            List<Wanted> missing = new ArrayList<>();
            for (Wanted each : wanted) {
                if (!stored.open(each, places, shapes, samples)) {
                    missing.add(each);
                }
            }
            if (!missing.isEmpty()) {
                makeRoom(folder, MOST_BYTES);
                stored.compute(missing, places, shapes, stage, samples);
                for (Wanted each : missing) {
                    if (!stored.open(each, places, shapes, samples)) {
                        throw new IOException("what was just written to " + places.get(each) + " reads differently");
                    }
                }
            }
            return Optional.of(stored);
        } catch (IOException e) {
            stored.close();
            throw new UncheckedIOException("activations cannot be stored in " + folder, e);
        }
    }

    private boolean open(Wanted wanted, Map<Wanted, Path> places, Map<Wanted, Shape> shapes, SampleSet samples)
            throws IOException {
        Path place = required(places, wanted);
        Optional<ActivationFile> file = ActivationFile.open(place, samples.size(), required(shapes, wanted));
        if (file.isEmpty()) {
            return false;
        }
        Files.setLastModifiedTime(place, FileTime.fromMillis(System.currentTimeMillis()));
        files.put(wanted, file.get());
        return true;
    }

    private static <T> T required(Map<Wanted, T> map, Wanted wanted) {
        T found = map.get(wanted);
        if (found == null) {
            throw new IllegalStateException("nothing for exit " + wanted.exit() + ", output " + wanted.output());
        }
        return found;
    }

    /** Where every wanted output is kept, and its shape. */
    private Map<Wanted, Path> places(List<Wanted> wanted, SampleSet samples, Path folder, Map<Wanted, Shape> shapes) {
        Map<Wanted, Path> places = new LinkedHashMap<>();
        MessageDigest trunk = Hashes.digest();
        trunk.update(samples.hash().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (NDManager scope = network.manager().newSubManager()) {
            int[] some = IntStream.range(0, Math.min(PROBE, samples.size())).toArray();
            NDArray activation = Batches.read(scope, samples, some);
            trunk.update(activation.toByteBuffer());
            int reached = 0;
            for (Wanted each : wanted) {
                while (reached < each.exit()) {
                    reached++;
                    activation = network.forwardStage(network.parameters(), reached, activation, false);
                    updateParameters(trunk, reached);
                }
                NDArray given = beginning(each, activation);
                MessageDigest own = copy(trunk);
                own.update(given.toByteBuffer());
                shapes.put(each, given.getShape().slice(1));
                places.put(
                        each,
                        folder.resolve(HexFormat.of().formatHex(own.digest()).substring(0, 32) + ".activations"));
            }
        }
        return places;
    }

    private void updateParameters(MessageDigest trunk, int exit) {
        String prefix = "stage" + exit + ".";
        for (Map.Entry<String, Parameter> entry : network.parametersByName().entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                trunk.update(entry.getValue().getArray().toByteBuffer());
            }
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of this Java runtime cannot be copied", e);
        }
    }

    private NDArray beginning(Wanted wanted, NDArray activation) {
        return HeadParts.run(wanted.beginning(), network.parameters(), new NDList(activation), false)
                .singletonOrThrow();
    }

    private void compute(
            List<Wanted> missing,
            Map<Wanted, Path> places,
            Map<Wanted, Shape> shapes,
            BiFunction<Integer, NDArray, NDArray> stage,
            SampleSet samples)
            throws IOException {
        Map<Wanted, ActivationFile.Writer> writers = new LinkedHashMap<>();
        try {
            Set<Path> begun = new HashSet<>();
            for (Wanted each : missing) {
                Path place = required(places, each);
                // Two heads that begin alike share one file.
                if (begun.add(place)) {
                    writers.put(each, new ActivationFile.Writer(place, samples.size(), required(shapes, each)));
                }
            }
            for (int from = 0; from < samples.size(); from += BATCH) {
                int[] positions = IntStream.range(from, Math.min(from + BATCH, samples.size()))
                        .toArray();
                try (NDManager scope = network.manager().newSubManager()) {
                    NDArray activation = Batches.read(scope, samples, positions);
                    int reached = 0;
                    for (Map.Entry<Wanted, ActivationFile.Writer> writer : writers.entrySet()) {
                        while (reached < writer.getKey().exit()) {
                            reached++;
                            activation = stage.apply(reached, activation);
                        }
                        writer.getValue().add(beginning(writer.getKey(), activation));
                    }
                }
            }
            for (ActivationFile.Writer writer : writers.values()) {
                writer.finish();
            }
        } finally {
            for (ActivationFile.Writer writer : writers.values()) {
                writer.close();
            }
        }
    }

    /** Deletes the files that were used longest ago until the folder is small enough. */
    static void makeRoom(Path folder, long most) throws IOException {
        List<Path> all;
        try (var paths = Files.list(folder)) {
            all = new ArrayList<>(paths.filter(Files::isRegularFile).toList());
        }
        Map<Path, FileTime> used = new LinkedHashMap<>();
        long bytes = 0;
        for (Path path : all) {
            used.put(path, Files.getLastModifiedTime(path));
            bytes += Files.size(path);
        }
        all.sort(Comparator.comparing(path -> used.getOrDefault(path, FileTime.fromMillis(0))));
        for (Path path : all) {
            if (bytes <= most) {
                return;
            }
            bytes -= Files.size(path);
            Files.delete(path);
        }
    }

    /**
     * What is kept of some samples.
     *
     * @param scope owns the arrays
     * @param positions the samples' positions in the set
     */
    LossBatch.Known of(NDManager scope, int[] positions) {
        return new LossBatch.Known() {
            @Override
            public Optional<NDArray> output(Head.Input wanted, boolean training) {
                if (wanted.exit() == network.exits() && wanted.output() == HeadOutput.LOGITS) {
                    return activation(wanted.exit());
                }
                Head head = network.head(wanted.exit(), wanted.output());
                if (!head.inputs().isEmpty()) {
                    return Optional.empty();
                }
                return Optional.ofNullable(files.get(Wanted.of(head)))
                        .map(file -> HeadParts.run(
                                        HeadParts.of(head).rest(),
                                        network.parameters(),
                                        new NDList(file.rows(scope, positions)),
                                        training)
                                .singletonOrThrow());
            }

            @Override
            public Optional<NDArray> activation(int exit) {
                return Optional.ofNullable(files.get(Wanted.activation(exit))).map(file -> file.rows(scope, positions));
            }
        };
    }

    @Override
    public void close() {
        files.values().forEach(ActivationFile::close);
    }
}
