package org.offramp.host.leaderboard;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.offramp.host.data.Hashes;
import org.offramp.host.inference.Answers;
import org.offramp.host.metrics.Outcomes;

/** Writes and reads run records; a record that does not agree with its samples is refused. */
final class RunRecordStore {
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    static final String SAMPLES_HASH = "samples.csv.gz";

    private RunRecordStore() {}

    /** One row per test sample, gzip without a time, so that the same answers give the same bytes. */
    static byte[] samples(String[] ids, int[] labels, Answers answers) throws IOException {
        StringBuilder text = new StringBuilder("id,label,exit,prediction,score\n");
        for (int i = 0; i < labels.length; i++) {
            text.append(ids[i])
                    .append(',')
                    .append(labels[i])
                    .append(',')
                    .append(answers.exits()[i])
                    .append(',')
                    .append(answers.predictions()[i])
                    .append(',')
                    .append(answers.scores()[i])
                    .append('\n');
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    static void write(Path directory, RunRecord record, Timings timings, byte[] samples) throws IOException {
        Files.createDirectories(directory);
        replace(directory.resolve("samples.csv.gz"), samples);
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
        byte[] samples = Files.readAllBytes(directory.resolve("samples.csv.gz"));
        if (!Hashes.sha256(samples).equals(record.hashes().get(SAMPLES_HASH))) {
            throw new IOException(directory + ": samples.csv.gz is not the one the record was made of");
        }
        Outcomes outcomes = outcomes(directory, samples, record.sizes().getOrDefault("test", 0));
        double macs = outcomes.meanMacs(
                record.cost().cumulative().stream().mapToLong(Long::longValue).toArray());
        if (Math.abs(outcomes.accuracy() - record.test().accuracy()) > 1e-12
                || Math.abs(macs - record.test().meanMacs()) > 1e-6 * macs) {
            throw new IOException(directory + ": accuracy " + record.test().accuracy() + " and mean MACs "
                    + record.test().meanMacs() + " of the record are not those of its samples, " + outcomes.accuracy()
                    + " and " + macs);
        }
        return record;
    }

    private static Outcomes outcomes(Path directory, byte[] samples, int size) throws IOException {
        int[][] columns = new int[3][size];
        int at = 0;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(new ByteArrayInputStream(samples)), StandardCharsets.UTF_8))) {
            reader.readLine();
            for (String line = reader.readLine(); line != null && at < size; line = reader.readLine()) {
                String[] cells = line.split(",", -1);
                for (int column = 0; column < 3; column++) {
                    columns[column][at] = Integer.parseInt(cells[column + 1]);
                }
                at++;
            }
        }
        if (at != size) {
            throw new IOException(directory + ": " + at + " samples instead of " + size);
        }
        return new Outcomes(columns[0], columns[1], columns[2]);
    }
}
