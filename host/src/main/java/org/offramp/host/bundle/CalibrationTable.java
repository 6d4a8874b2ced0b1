package org.offramp.host.bundle;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.offramp.host.calibration.ScoredTrace;

/** What the policy says of the calibration samples: a line per sample with its label and each exit's score and prediction. */
final class CalibrationTable {
    private CalibrationTable() {}

    static byte[] bytes(ScoredTrace trace) throws IOException {
        StringBuilder text = new StringBuilder("label");
        for (int exit = 1; exit <= trace.exits(); exit++) {
            text.append(",score").append(exit).append(",prediction").append(exit);
        }
        text.append('\n');
        for (int sample = 0; sample < trace.size(); sample++) {
            text.append(trace.labels()[sample]);
            for (int exit = 0; exit < trace.exits(); exit++) {
                text.append(',')
                        .append(trace.scores()[exit][sample])
                        .append(',')
                        .append(trace.predictions()[exit][sample]);
            }
            text.append('\n');
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a table.
     *
     * @param bytes the checked file
     * @param costs the MACs of leaving at exit 1 … N
     * @param backboneMacs the MACs of the plain backbone
     * @throws IOException if it is not such a table
     */
    static ScoredTrace read(byte[] bytes, long[] costs, long backboneMacs) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
            int[] labels = new int[lines.size()];
            float[][] scores = new float[costs.length][labels.length];
            int[][] predictions = new int[costs.length][labels.length];
            for (int sample = 0; sample < labels.length; sample++) {
                String[] cells = lines.get(sample).split(",", -1);
                if (cells.length != 1 + 2 * costs.length) {
                    throw new IOException(
                            "line " + (sample + 2) + " has " + cells.length + " cells for " + costs.length + " exits");
                }
                labels[sample] = Integer.parseInt(cells[0]);
                for (int exit = 0; exit < costs.length; exit++) {
                    scores[exit][sample] = Float.parseFloat(cells[1 + 2 * exit]);
                    predictions[exit][sample] = Integer.parseInt(cells[2 + 2 * exit]);
                }
            }
            return new ScoredTrace(labels, scores, predictions, costs, backboneMacs);
        }
    }
}
