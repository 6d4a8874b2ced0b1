package org.offramp.host.leaderboard;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.offramp.host.data.Hashes;
import org.offramp.host.metrics.Outcomes;

/** Writes and reads run records; a record whose figures are not those of the files beside it is refused. */
final class RunRecordStore {
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    static final String SAMPLES = "samples.csv.gz";
    static final String TRACE = "trace.csv.gz";
    static final String ROBUSTNESS = "robustness.csv.gz";
    private static final double PRECISION = 1e-9;

    private RunRecordStore() {}

    /**
     * Writes a record and what it is made of.
     *
     * @param directory where to
     * @param record the record, with the hashes of the files
     * @param timings the times
     * @param files the files beside it, by name
     */
    static void write(Path directory, RunRecord record, Timings timings, Map<String, byte[]> files) throws IOException {
        Files.createDirectories(directory);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            replace(directory.resolve(file.getKey()), file.getValue());
        }
        replace(directory.resolve("timings.json"), JSON.writeValueAsBytes(timings));
        replace(directory.resolve("record.json"), JSON.writeValueAsBytes(record));
    }

    /** Writes beside the place and renames. */
    static void replace(Path file, byte[] bytes) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        Files.write(beside, bytes);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static RunRecord read(Path directory) throws IOException {
        RunRecord record = JSON.readValue(directory.resolve("record.json").toFile(), RunRecord.class);
        RunRecord.Test again = TestFigures.of(
                trace(directory, record),
                outcomes(directory, record),
                record.cost(),
                record.test().promise(),
                TestFigures.Chosen.of(record.test()));
        List<RunRecord.Robustness> robustness = perturbed(directory, record).stream()
                .map(one -> one.figures(record.cost()))
                .toList();
        Optional<String> difference = difference("test", JSON.valueToTree(record.test()), JSON.valueToTree(again))
                .or(() ->
                        difference("robustness", JSON.valueToTree(record.robustness()), JSON.valueToTree(robustness)));
        if (difference.isPresent()) {
            throw new IOException(
                    directory + ": figures of the record are not those of its samples: " + difference.get());
        }
        return record;
    }

    /** Where a record's samples left, and what was answered. */
    static Outcomes outcomes(Path directory, RunRecord record) throws IOException {
        return SampleFiles.outcomes(SampleFiles.rows(SAMPLES, file(directory, record, SAMPLES), size(record)));
    }

    /** What every exit answers to a record's samples. */
    static TestTrace trace(Path directory, RunRecord record) throws IOException {
        return SampleFiles.trace(SampleFiles.rows(TRACE, file(directory, record, TRACE), size(record)));
    }

    /** What was answered to a record's perturbed samples. */
    static List<PerturbedSamples> perturbed(Path directory, RunRecord record) throws IOException {
        int perturbations = record.robustness().size();
        return perturbations == 0
                ? List.of()
                : PerturbedSamples.read(file(directory, record, ROBUSTNESS), size(record), perturbations);
    }

    private static int size(RunRecord record) {
        return record.sizes().getOrDefault("test", 0);
    }

    private static byte[] file(Path directory, RunRecord record, String name) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(name));
        if (!Hashes.sha256(bytes).equals(record.hashes().get(name))) {
            throw new IOException(directory + ": " + name + " is not the one the record was made of");
        }
        return bytes;
    }

    /** The first place where two documents differ. */
    private static Optional<String> difference(String path, JsonNode record, JsonNode samples) {
        if (record.isNumber() && samples.isNumber()) {
            double scale = Math.max(1, Math.abs(samples.doubleValue()));
            return Math.abs(record.doubleValue() - samples.doubleValue()) <= PRECISION * scale
                    ? Optional.empty()
                    : Optional.of(path + " is " + record + ", they give " + samples);
        }
        if (record.isContainerNode() && record.getNodeType() == samples.getNodeType()) {
            if (record.size() != samples.size()) {
                return Optional.of(path + " has " + record.size() + " entries, they give " + samples.size());
            }
            Iterator<String> names = record.fieldNames();
            for (int i = 0; i < record.size(); i++) {
                String name = names.hasNext() ? names.next() : String.valueOf(i);
                JsonNode other = record.isArray() ? samples.get(i) : samples.path(name);
                Optional<String> inside =
                        difference(path + "." + name, record.isArray() ? record.get(i) : record.path(name), other);
                if (inside.isPresent()) {
                    return inside;
                }
            }
            return Optional.empty();
        }
        return record.equals(samples)
                ? Optional.empty()
                : Optional.of(path + " is " + record + ", they give " + samples);
    }
}
