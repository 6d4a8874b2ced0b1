package org.offramp.host.bench;

import ai.djl.pytorch.jni.JniUtils;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.offramp.api.Examples;
import org.offramp.host.bundle.EarlyExitModel;

/** A bundle's plain compiled backbone, its early exits, and never exiting, in turns on test samples. */
public final class BundleBench {
    private static final List<String> NAMES = List.of("backbone", "early exit", "never exit");

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
    public BundleBench(EarlyExitModel model, Examples test, PrintWriter out) {
        this.model = model;
        this.test = test;
        this.out = out;
    }

    /** The table's head. */
    public void head() {
        out.println(
                "| batch | threads | way | samples/s | p50 µs | p95 µs | p99 µs | MACs % | clock x | MACs x | realised |");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    }

    /**
     * Measures one batch size and prints three rows.
     *
     * @param batch samples a call
     * @param threads engine threads
     * @param samples samples a round
     * @param rounds rounds that count
     * @param warmUp nanoseconds of warming up
     */
    public void measure(int batch, int threads, int samples, int rounds, long warmUp) {
        JniUtils.setNumThreads(threads);
        float[][][] input = Inputs.batches(test, batch, Math.max(1, samples / batch), size());
        try (EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY)) {
            Turns turns = Turns.measure(
                    List.of(
                            i -> model.predictBackbone(input[i]),
                            i -> model.predict(input[i]),
                            i -> never.predict(input[i])),
                    input.length,
                    rounds,
                    warmUp);
            double[] macs = {model.backboneMacs(), meanMacs(model, input), meanMacs(never, input)};
            for (int way = 0; way < NAMES.size(); way++) {
                double clock = turns.faster(way, 0);
                double cheaper = macs[0] / macs[way];
                out.printf(
                        Locale.ROOT,
                        "| %d | %d | %s | %.0f | %.0f | %.0f | %.0f | %.1f | %.3f | %.3f | %.3f |%n",
                        batch,
                        threads,
                        NAMES.get(way),
                        (double) input.length * batch * 1e9 / turns.round(way),
                        turns.micros(way, 0.5),
                        turns.micros(way, 0.95),
                        turns.micros(way, 0.99),
                        100 / cheaper,
                        clock,
                        cheaper,
                        clock / cheaper);
            }
        }
        out.flush();
    }

    private int size() {
        return (int) model.inputShape().size();
    }

    private static double meanMacs(EarlyExitModel model, float[][][] input) {
        double sum = 0;
        long count = 0;
        for (float[][] batch : input) {
            for (EarlyExitModel.Prediction prediction : model.predict(batch)) {
                sum += prediction.macs();
                count++;
            }
        }
        return sum / count;
    }
}
