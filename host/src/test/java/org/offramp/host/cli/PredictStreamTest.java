package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code offramp predict --stream}: a bundle of sensor windows answers rows as they come. */
class PredictStreamTest {
    private static final int CHANNELS = 3;
    private static final int LENGTH = 16;

    @TempDir
    private Path folder;

    private static int offramp(StringWriter out, StringWriter err, Object... arguments) {
        String[] texts =
                java.util.stream.Stream.of(arguments).map(String::valueOf).toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
    }

    private void npy(String name, String type, String shape, byte[] data) throws IOException {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
        header = header + " ".repeat(117 - header.length()) + "\n";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
        bytes.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(data);
        Files.write(folder.resolve(name), bytes.toByteArray());
    }

    /** Class 1 swings, class 0 does not. */
    private static float reading(int label, int channel, int time, Random random) {
        return (float) (label * Math.sin(time * 0.8 + channel) + 0.05 * random.nextGaussian());
    }

    private void windows(String split, int count) throws IOException {
        Random random = new Random(count);
        byte[] readings = new byte[4 * count * CHANNELS * LENGTH];
        byte[] labels = new byte[count];
        ByteBuffer values = ByteBuffer.wrap(readings).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % 2);
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int time = 0; time < LENGTH; time++) {
                    values.putFloat(reading(i % 2, channel, time, random));
                }
            }
        }
        npy(split + "-windows.npy", "<f4", "(" + count + ", 3, 16)", readings);
        npy(split + "-labels.npy", "|u1", "(" + count + ",)", labels);
    }

    @Test
    void windowsAreAnsweredAsTheyFillAndGapsAreNamed() throws IOException {
        windows("train", 200);
        windows("test", 20);
        Path yaml = Files.writeString(folder.resolve("run.yaml"), """
                data: { name: npy-windows, path: '%s', stride: 8, rate: 50 }
                strategies:
                  - name: one
                    backbone: { name: conv1d, channels: [4, 8] }
                    trainers: [ { name: joint, epochs: 8, batch-size: 16 } ]
                    policy: { name: max-probability }
                    calibrate: { max-accuracy-drop: 0.05 }
                """.formatted(folder));
        Path bundle = folder.resolve("bundle");
        StringWriter err = new StringWriter();
        assertThat(offramp(new StringWriter(), err, "--quiet", "train", yaml, "-o", bundle))
                .as(err.toString())
                .isZero();

        Random random = new Random(9);
        StringBuilder csv = new StringBuilder("time,x,y,z\n");
        for (int row = 0; row < 48; row++) {
            double time = row < 32 ? row * 0.02 : row * 0.02 + 1;
            csv.append(String.format(Locale.ROOT, "%.2f", time));
            for (int channel = 0; channel < CHANNELS; channel++) {
                csv.append(',').append(reading(1, channel, row, random));
            }
            csv.append('\n');
        }
        Path readings = Files.writeString(folder.resolve("readings.csv"), csv);
        StringWriter out = new StringWriter();
        int code = offramp(out, err, "predict", bundle, readings, "--stream");
        assertThat(code).as(err.toString()).isEqualTo(1);
        assertThat(out.toString().lines())
                .extracting(line ->
                        line.replaceAll(".*readings.csv:([0-9-]+)\".*?\"(class|error)\":\"([^\"]*?)\".*", "$1 $2 $3"))
                .containsExactly(
                        "2-17 class 1",
                        "10-25 class 1",
                        "18-33 class 1",
                        "34 error a gap of 1.020 s before it, 50 readings are missing; the window begins anew",
                        "34-49 class 1");
    }
}
