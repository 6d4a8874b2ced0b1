package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.offramp.host.network.Network;
import org.offramp.host.network.Weights;

/**
 * What a trainer has finished, in one directory: the parameters after each phase, and the state at the last epoch's end of the
 * phase under way. The directory's name is made of everything that the training depends on, so that equal training steps of
 * several strategies are done once.
 */
final class Checkpoints {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;

    Checkpoints(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + directory, e);
        }
    }

    /**
     * A folder that all trainings of a run share.
     *
     * @param name its name
     */
    Path shared(String name) {
        return directory.resolveSibling(name);
    }

    /** The finished phase of that number, whose parameters are then set in the network. */
    Optional<PhaseRecord> finished(int phase, Network network) {
        Path report = directory.resolve("phase-" + phase + ".json");
        if (!Files.exists(report)) {
            return Optional.empty();
        }
        try {
            Weights.load(weights(phase), network);
            return Optional.of(JSON.readValue(report.toFile(), PhaseRecord.class));
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint cannot be read; delete " + directory + " to train again", e);
        }
    }

    void finish(int phase, Network network, PhaseRecord record) {
        try {
            Weights.save(weights(phase), network);
            writeJson(directory.resolve("phase-" + phase + ".json"), record);
            Files.deleteIfExists(directory.resolve("epoch-" + phase + ".json"));
            for (int epoch = 1; epoch <= record.epochs(); epoch++) {
                Files.deleteIfExists(directory.resolve("epoch-" + phase + "-" + epoch + ".safetensors"));
            }
            Files.deleteIfExists(best(phase));
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint cannot be written to " + directory, e);
        }
    }

    /** Where a phase under way stands after an epoch. */
    record EpochState(
            int epochs,
            long steps,
            double trainingLoss,
            double bestValidationLoss,
            int epochsSinceBest,
            boolean stopped,
            double seconds) {}

    /** The state of a phase under way, whose parameters and moments are then set. */
    Optional<EpochState> underWay(int phase, Network network, ParameterUpdates updates) {
        Path state = directory.resolve("epoch-" + phase + ".json");
        if (!Files.exists(state)) {
            return Optional.empty();
        }
        try (NDManager scope = network.manager().newSubManager()) {
            EpochState epoch = JSON.readValue(state.toFile(), EpochState.class);
            Path arrays = directory.resolve("epoch-" + phase + "-" + epoch.epochs() + ".safetensors");
            NDList saved = Weights.read(arrays, scope);
            Map<String, NDArray> byName = new LinkedHashMap<>();
            saved.forEach(array -> byName.put(array.getName(), array));
            network.parametersByName().forEach((name, parameter) -> {
                NDArray array = byName.get("parameter." + name);
                if (array == null) {
                    throw new IllegalStateException(arrays + ": there is no '" + name + "'");
                }
                Weights.copy(array, parameter.getArray());
            });
            updates.restore(saved, epoch.steps());
            return Optional.of(epoch);
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint cannot be read; delete " + directory + " to train again", e);
        }
    }

    void epochDone(int phase, Network network, ParameterUpdates updates, EpochState state) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        network.parametersByName().forEach((name, parameter) -> arrays.put("parameter." + name, parameter.getArray()));
        arrays.putAll(updates.moments());
        try {
            Weights.write(directory.resolve("epoch-" + phase + "-" + state.epochs() + ".safetensors"), arrays);
            writeJson(directory.resolve("epoch-" + phase + ".json"), state);
            Files.deleteIfExists(directory.resolve("epoch-" + phase + "-" + (state.epochs() - 1) + ".safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint cannot be written to " + directory, e);
        }
    }

    void keepBest(int phase, Network network) {
        io(() -> Weights.save(best(phase), network));
    }

    void restoreBest(int phase, Network network) {
        io(() -> Weights.load(best(phase), network));
    }

    /** A small result that is expensive to make again: read where it was written before, otherwise made and written. */
    <T> T remembered(String name, Class<T> type, Supplier<T> make) {
        Path file = directory.resolve(name + ".json");
        try {
            if (Files.exists(file)) {
                return JSON.readValue(file.toFile(), type);
            }
            T made = make.get();
            writeJson(file, made);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("the checkpoint " + file + " cannot be used", e);
        }
    }

    private Path weights(int phase) {
        return directory.resolve("phase-" + phase + ".safetensors");
    }

    private Path best(int phase) {
        return directory.resolve("best-" + phase + ".safetensors");
    }

    private static void writeJson(Path file, Object value) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        Files.write(beside, JSON.writeValueAsBytes(value));
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private interface FileWork {
        void run() throws IOException;
    }

    private static void io(FileWork work) {
        try {
            work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
