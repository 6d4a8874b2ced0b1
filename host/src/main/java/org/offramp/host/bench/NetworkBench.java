package org.offramp.host.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.offramp.api.Backbone;
import org.offramp.host.graph.Compiler;
import org.offramp.host.graph.StageFunction;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.network.Network;
import org.offramp.host.training.WhenToCompile;

/** A backbone run operation by operation and compiled, in turns, against what the machine can do at best. */
public final class NetworkBench {
    private final Supplier<Backbone> backbone;
    private final PrintWriter out;
    private final List<Inference> inference = new ArrayList<>();
    private final List<Training> training = new ArrayList<>();

    /** One row of the first table, in images a second. */
    private record Inference(int batch, int threads, double opByOp, double compiled) {}

    /** One row of the second table, in images a second. */
    private record Training(int threads, double opByOp, double compiled) {}

    /**
     * A benchmark.
     *
     * @param backbone makes the backbone
     * @param out takes the tables
     */
    public NetworkBench(Supplier<Backbone> backbone, PrintWriter out) {
        this.backbone = backbone;
        this.out = out;
    }

    /**
     * Measures inference.
     *
     * @param batches samples a call
     * @param threads engine threads
     * @param rounds rounds that count
     * @param warmUp nanoseconds of warming up for each row
     */
    public void inference(int[] batches, int[] threads, int rounds, long warmUp) {
        try (Network network = Network.assemble(backbone.get(), List.of(), 1);
                NDManager manager = NDManager.newBaseManager()) {
            Shape shape = network.inputShape();
            NDArray probe = manager.randomNormal(new Shape(3).addAll(shape));
            StageRunner operations = StageRunner.opByOp(network);
            try (CompiledStages plain = CompiledStages.compile(network, probe, Compiler.Form.PLAIN);
                    CompiledStages compiled = CompiledStages.compile(network, probe)) {
                out.printf(
                        Locale.ROOT,
                        "%,d MACs, %,d parameters, %s%n%n",
                        network.backboneMacs(),
                        parameters(network),
                        compiled.describe(network.exits()));
                out.println("| batch | threads | op by op: images/s | compiled as it is: images/s | x op by op"
                        + " | compiled, folded and channels last: images/s | x op by op | p50 µs | p99 µs"
                        + " | GFLOP/s | percent of a convolution's peak |");
                out.println("|---|---|---|---|---|---|---|---|---|---|---|");
                for (int used : threads) {
                    JniUtils.setNumThreads(used);
                    double peak = Peak.convolution(manager);
                    for (int batch : batches) {
                        row(network, List.of(operations, plain, compiled), manager, batch, used, rounds, warmUp, peak);
                    }
                }
            }
        }
        out.println();
        out.flush();
    }

    private void row(
            Network network,
            List<StageRunner> runners,
            NDManager manager,
            int batch,
            int threads,
            int rounds,
            long warmUp,
            double peak) {
        try (NDArray samples = manager.randomNormal(new Shape(batch).addAll(network.inputShape()))) {
            List<Turns.Way> ways = new ArrayList<>();
            runners.forEach(runner -> ways.add(i -> answer(runner, samples)));
            Turns turns = Turns.measure(ways, Math.max(1, 32 / batch), rounds, warmUp);
            double calls = (double) Math.max(1, 32 / batch) * batch * 1e9;
            double rate = calls / turns.round(2);
            double flops = 2 * network.backboneMacs() * rate / 1e9;
            inference.add(new Inference(batch, threads, calls / turns.round(0), rate));
            out.printf(
                    Locale.ROOT,
                    "| %d | %d | %.0f | %.0f | %.2f | %.0f | %.2f | %.0f | %.0f | %.1f | %.0f |%n",
                    batch,
                    threads,
                    calls / turns.round(0),
                    calls / turns.round(1),
                    turns.faster(1, 0),
                    rate,
                    turns.faster(2, 0),
                    turns.micros(2, 0.5),
                    turns.micros(2, 0.99),
                    flops,
                    100 * flops / peak);
            out.flush();
        }
    }

    private static void answer(StageRunner runner, NDArray samples) {
        try (NDManager scope = samples.getManager().newSubManager()) {
            NDArray view = samples.reshape(samples.getShape());
            view.attach(scope);
            runner.runBackbone(view).toFloatArray();
        }
    }

    private static long parameters(Network network) {
        return network.parametersByName().values().stream()
                .filter(parameter -> !parameter.getName().startsWith("running"))
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    /**
     * Measures training with all parameters, batches of 64, by the host's own loop: op by op and compiled in turns.
     *
     * @param threads engine threads
     * @param steps steps a turn
     * @param rounds turns
     */
    public void training(int[] threads, int steps, int rounds) {
        out.println("| training, batch 64: threads | op by op: images/s | compiled: images/s | x op by op"
                + " | GFLOP/s (forward : backward = 1 : 2) | percent of a convolution's peak |");
        out.println("|---|---|---|---|---|---|");
        for (int used : threads) {
            JniUtils.setNumThreads(used);
            try (NDManager manager = NDManager.newBaseManager()) {
                double peak = Peak.convolution(manager);
                TrainingRate operations = new TrainingRate(backbone, steps, WhenToCompile.NEVER);
                TrainingRate compiled = new TrainingRate(backbone, steps, WhenToCompile.ALWAYS);
                for (int round = 0; round < rounds; round++) {
                    operations.measure();
                    compiled.measure();
                }
                double slow = operations.imagesPerSecond();
                double fast = compiled.imagesPerSecond();
                double flops = 6 * compiled.macs() * fast / 1e9;
                training.add(new Training(used, slow, fast));
                out.printf(
                        Locale.ROOT,
                        "| %d | %.0f | %.0f | %.2f | %.1f | %.0f |%n",
                        used,
                        slow,
                        fast,
                        fast / slow,
                        flops,
                        100 * flops / peak);
            }
        }
        out.println();
        out.flush();
    }

    /**
     * Writes what {@code bench/python/network.py} reads: the figures measured so far ({@code network.json}), the archive that was measured
     * ({@code network.pt}) and the network as its Blocks say, BatchNorm not folded, with its parameters ({@code eager.pt}: methods
     * {@code inference} and {@code training}).
     *
     * @param directory the folder
     * @throws UncheckedIOException if it cannot be written
     */
    public void save(Path directory) {
        try (Network network = Network.assemble(backbone.get(), List.of(), 1);
                NDManager manager = NDManager.newBaseManager();
                CompiledStages compiled = CompiledStages.compile(
                        network, manager.randomNormal(new Shape(3).addAll(network.inputShape())))) {
            Compiler eager = new Compiler(network.parametersByName(), Compiler.Form.JOINED_TRAINING);
            List<Shape> shapes = List.of(network.inputShape());
            StageFunction whole = (store, inputs, training) -> {
                NDArray activation = inputs.get(0);
                for (int exit = 1; exit <= network.exits(); exit++) {
                    activation = network.forwardStage(store, exit, activation, training);
                }
                return new NDList(activation);
            };
            eager.addTrained("inference", whole, shapes, false, true);
            eager.addTrained("training", whole, shapes, true, true);
            Files.createDirectories(directory);
            Files.write(directory.resolve("network.pt"), compiled.archive());
            Files.write(directory.resolve("eager.pt"), eager.archive());
            JsonMapper.builder()
                    .build()
                    .writerWithDefaultPrettyPrinter()
                    .writeValue(
                            directory.resolve("network.json").toFile(),
                            Map.of(
                                    "input",
                                    network.inputShape().getShape(),
                                    "classes",
                                    network.classes(),
                                    "inference",
                                    inference,
                                    "training",
                                    training,
                                    "trained",
                                    trained(eager.parameters())));
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": the network cannot be written", e);
        }
    }

    private static List<String> trained(Map<String, Parameter> parameters) {
        return parameters.entrySet().stream()
                .filter(entry -> !entry.getValue().getName().startsWith("running"))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}
