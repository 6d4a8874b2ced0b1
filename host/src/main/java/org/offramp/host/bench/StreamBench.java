package org.offramp.host.bench;

import ai.djl.pytorch.jni.JniUtils;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.offramp.api.Examples;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.bundle.EarlyExitStream;
import org.offramp.host.inference.SampleStream;

/**
 * Continuous regrouping under load: as many requests under way as there are clients, each of which asks again when it has its answer.
 * With early exits, and with thresholds that nobody reaches, in turns.
 */
public final class StreamBench {
    private final EarlyExitModel model;
    private final Examples test;
    private final PrintWriter out;

    /**
     * A benchmark.
     *
     * @param model the model
     * @param test samples
     * @param out takes the table
     */
    public StreamBench(EarlyExitModel model, Examples test, PrintWriter out) {
        this.model = model;
        this.test = test;
        this.out = out;
    }

    /** The table's head. */
    public void head() {
        out.println(
                "| clients | threads | way | requests/s | p50 µs | p95 µs | p99 µs | clock x | MACs x | realised |");
        out.println("|---|---|---|---|---|---|---|---|---|---|");
    }

    /**
     * Measures and prints two rows.
     *
     * @param clients requests under way
     * @param threads engine threads
     * @param requests requests a round
     * @param rounds rounds that count; one more warms up
     * @param settings how the stream works; its capacity is at least the clients
     */
    public void measure(int clients, int threads, int requests, int rounds, SampleStream.Settings settings) {
        JniUtils.setNumThreads(threads);
        float[][] samples =
                Inputs.batches(test, requests, 1, (int) model.inputShape().size())[0];
        try (EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY);
                EarlyExitStream staying = never.stream(settings);
                EarlyExitStream leaving = model.stream(settings)) {
            List<EarlyExitStream> streams = List.of(staying, leaving);
            Load[][] loads = new Load[streams.size()][rounds];
            for (int round = -1; round < rounds; round++) {
                for (int way = 0; way < streams.size(); way++) {
                    Load load = load(streams.get(way), samples, clients);
                    if (round >= 0) {
                        loads[way][round] = load;
                    }
                }
            }
            double plain = median(loads[0]);
            double plainMacs = loads[0][0].macs();
            for (int way = 0; way < streams.size(); way++) {
                long[] latencies = Arrays.stream(loads[way])
                        .flatMapToLong(load -> Arrays.stream(load.latencies()))
                        .sorted()
                        .toArray();
                double clock = plain / median(loads[way]);
                double cheaper = plainMacs / loads[way][0].macs();
                out.printf(
                        Locale.ROOT,
                        "| %d | %d | %s | %.0f | %.0f | %.0f | %.0f | %.3f | %.3f | %.3f |%n",
                        clients,
                        threads,
                        way == 0 ? "never exit" : "early exit",
                        requests * 1e9 / median(loads[way]),
                        Turns.micros(latencies, 0.5),
                        Turns.micros(latencies, 0.95),
                        Turns.micros(latencies, 0.99),
                        clock,
                        cheaper,
                        clock / cheaper);
            }
        }
        out.flush();
    }

    /** What a round took: nanoseconds in all, of every request, and MACs a sample. */
    private record Load(long nanos, long[] latencies, double macs) {}

    private static Load load(EarlyExitStream stream, float[][] samples, int clients) {
        Semaphore free = new Semaphore(clients);
        long[] latencies = new long[samples.length];
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        long begin = System.nanoTime();
        try {
            for (int i = 0; i < samples.length; i++) {
                free.acquire();
                int at = i;
                long asked = System.nanoTime();
                answers.add(stream.submit(samples[i]).thenApply(prediction -> {
                    latencies[at] = System.nanoTime() - asked;
                    free.release();
                    return prediction.macs();
                }));
            }
            double macs = answers.stream()
                    .mapToLong(CompletableFuture::join)
                    .average()
                    .orElseThrow();
            return new Load(System.nanoTime() - begin, latencies, macs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private static double median(Load[] loads) {
        long[] times = Arrays.stream(loads).mapToLong(Load::nanos).sorted().toArray();
        return times[times.length / 2];
    }
}
