package org.offramp.host.leaderboard;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.offramp.host.inference.Answers;
import org.offramp.host.metrics.LabelledAnswers;
import org.offramp.host.metrics.Outcomes;

/**
 * The files with one row per test sample, CSV in gzip without a time, so that the same answers give the same bytes: where a sample
 * left with what answer, and what every exit would have answered.
 */
final class SampleFiles {
    private static final int COLUMNS_PER_EXIT = 5;

    private SampleFiles() {}

    /** {@code samples.csv.gz}: {@code id,label,exit,prediction,score}. */
    static byte[] samples(String[] ids, int[] labels, Answers answers) {
        StringBuilder text = new StringBuilder("id,label,exit,prediction,score\n");
        for (int i = 0; i < labels.length; i++) {
            text.append(ids[i]).append(',').append(labels[i]);
            text.append(',').append(answers.exits()[i]).append(',').append(answers.predictions()[i]);
            text.append(',').append(answers.scores()[i]).append('\n');
        }
        return compress(text);
    }

    /**
     * {@code trace.csv.gz}: {@code id,label,backbone}, then for each exit n
     * {@code prediction_n,score_n,confidence_n,label_probability_n,brier_n}.
     */
    static byte[] trace(String[] ids, TestTrace trace) {
        StringBuilder text = new StringBuilder("id,label,backbone");
        for (int exit = 1; exit <= trace.exits().size(); exit++) {
            for (String column : List.of("prediction", "score", "confidence", "label_probability", "brier")) {
                text.append(',').append(column).append('_').append(exit);
            }
        }
        text.append('\n');
        for (int i = 0; i < ids.length; i++) {
            text.append(ids[i])
                    .append(',')
                    .append(trace.labels()[i])
                    .append(',')
                    .append(trace.backbone()[i]);
            for (LabelledAnswers exit : trace.exits()) {
                text.append(',').append(exit.predictions()[i]).append(',').append(exit.scores()[i]);
                text.append(',').append(exit.confidences()[i]).append(',').append(exit.labelProbabilities()[i]);
                text.append(',').append(exit.brier()[i]);
            }
            text.append('\n');
        }
        return compress(text);
    }

    static byte[] compress(CharSequence text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot be written to", e);
        }
        return bytes.toByteArray();
    }

    /**
     * The rows of a file, without the names of the columns.
     *
     * @param file its name, for messages
     * @param bytes its content
     * @param rows how many there must be
     * @throws IOException if there are more or fewer rows, or they differ in length
     */
    static List<String[]> rows(String file, byte[] bytes, int rows) throws IOException {
        List<String[]> cells = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(new ByteArrayInputStream(bytes)), StandardCharsets.UTF_8))) {
            String names = reader.readLine();
            int columns = names == null ? 0 : names.split(",", -1).length;
            for (String line = reader.readLine(); line != null && cells.size() <= rows; line = reader.readLine()) {
                String[] row = line.split(",", -1);
                if (row.length != columns) {
                    throw new IOException(
                            file + ", line " + (cells.size() + 2) + ": " + row.length + " cells instead of " + columns);
                }
                cells.add(row);
            }
        }
        if (cells.size() != rows) {
            throw new IOException(
                    file + ": " + (cells.size() > rows ? "more" : cells.size()) + " rows instead of " + rows);
        }
        return cells;
    }

    /** The reverse of {@link #samples}. */
    static Outcomes outcomes(List<String[]> rows) {
        return new Outcomes(integers(rows, 1), integers(rows, 2), integers(rows, 3));
    }

    /** The reverse of {@link #trace}. */
    static TestTrace trace(List<String[]> rows) {
        int exits = rows.isEmpty() ? 0 : (rows.get(0).length - 3) / COLUMNS_PER_EXIT;
        int[] labels = integers(rows, 1);
        List<LabelledAnswers> answers = new ArrayList<>();
        for (int exit = 0; exit < exits; exit++) {
            int column = 3 + exit * COLUMNS_PER_EXIT;
            answers.add(new LabelledAnswers(
                    labels,
                    integers(rows, column),
                    floats(rows, column + 1),
                    floats(rows, column + 2),
                    floats(rows, column + 3),
                    floats(rows, column + 4)));
        }
        return new TestTrace(answers, integers(rows, 2));
    }

    static int[] integers(List<String[]> rows, int column) {
        return rows.stream().mapToInt(row -> Integer.parseInt(row[column])).toArray();
    }

    static float[] floats(List<String[]> rows, int column) {
        float[] values = new float[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(rows.get(i)[column]);
        }
        return values;
    }
}
