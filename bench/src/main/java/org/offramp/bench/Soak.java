package org.offramp.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.bundle.EarlyExitStream;
import org.offramp.host.cli.Main;
import org.offramp.host.inference.SampleStream;

/**
 * A million predictions in a fixed memory: a small bundle is trained, then answers batches of 1 to 100 samples and, every fifth turn
 * each, samples one by one and a stream of requests, some of which fail. Prints the process's resident memory on the way and ends with 1 if it grows by more than
 * {@value #ALLOWED} MB after the first tenth. Java's heap is to be resident from the start ({@code -XX:+AlwaysPreTouch}): what it takes
 * little by little is no leak. {@code ./mvnw -Psoak -pl bench -am -DskipTests -DskipITs verify}; Linux.
 */
public final class Soak {
    private static final int PREDICTIONS = 1_000_000;
    private static final int TURNS = 20;
    private static final int ALLOWED = 24;
    private static final String RUN = """
            data: { name: glyphs, train: 1500, test: 200, size: 12, classes: 4 }
            strategies:
              - name: soak
                backbone: { name: convnet, width: 0.25 }
                trainers: [ { name: joint, epochs: 3 } ]
                policy: { name: max-probability }
                calibrate: { threshold: 0.7 }
            """;

    private final Random random = new Random(1);
    private final EarlyExitModel model;
    private final float[][] samples = new float[512][];
    private long done;
    private long failed;

    private Soak(EarlyExitModel model) {
        this.model = model;
        for (int i = 0; i < samples.length; i++) {
            samples[i] = new float[(int) model.inputShape().size()];
            for (int j = 0; j < samples[i].length; j++) {
                samples[i][j] = random.nextFloat();
            }
        }
    }

    /**
     * Runs it.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("offramp-soak");
        Path run = Files.writeString(folder.resolve("run.yaml"), RUN);
        Path bundle = folder.resolve("bundle");
        if (Main.run("--quiet", "train", run.toString(), "-o", bundle.toString()) != 0) {
            System.exit(1);
        }
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            System.exit(new Soak(model).run() ? 0 : 1);
        }
    }

    private boolean run() throws IOException, InterruptedException {
        System.out.println("| predictions | resident MB | Java heap in use MB | predictions/s | requests refused |");
        System.out.println("|---|---|---|---|---|");
        long settled = 0;
        long last = 0;
        for (int turn = 1; turn <= TURNS; turn++) {
            long begin = System.nanoTime();
            long before = done;
            long until = (long) PREDICTIONS * turn / TURNS;
            if (turn % 5 == 2) {
                stream(until);
            }
            while (done < until) {
                batch(turn % 5 == 4 ? 1 : 1 + random.nextInt(100));
            }
            last = residentMegabytes();
            if (turn == TURNS / 10) {
                settled = last;
            }
            Runtime runtime = Runtime.getRuntime();
            System.out.printf(
                    "| %,d | %d | %d | %.0f | %d |%n",
                    done,
                    last,
                    (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                    (done - before) * 1e9 / (System.nanoTime() - begin),
                    failed);
        }
        boolean flat = last - settled <= ALLOWED;
        System.out.println(flat ? "flat" : "NOT FLAT: " + settled + " MB, then " + last + " MB");
        return flat;
    }

    private void batch(int size) {
        float[][] batch = new float[size][];
        for (int i = 0; i < size; i++) {
            batch[i] = samples[random.nextInt(samples.length)];
        }
        done += model.predict(batch).size();
    }

    private void stream(long until) throws InterruptedException {
        try (EarlyExitStream stream = model.stream(SampleStream.Settings.DEFAULT)) {
            while (done < until) {
                List<CompletableFuture<EarlyExitModel.Prediction>> answers = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    float[] sample = samples[random.nextInt(samples.length)];
                    if (i % 100 == 0) {
                        sample = sample.clone();
                        // Finite, but too large for the network: it is refused inside, alone.
                        sample[0] = Float.MAX_VALUE;
                    }
                    answers.add(stream.submit(sample));
                }
                for (CompletableFuture<EarlyExitModel.Prediction> answer : answers) {
                    failed += answer.handle((prediction, problem) -> problem == null ? 0 : 1)
                            .join();
                }
                done += answers.size();
            }
        }
    }

    private static long residentMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
            }
        }
        throw new IllegalStateException("/proc/self/status has no VmRSS");
    }
}
