package org.offramp.host.cli;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bench.NetworkBench;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.plugin.PluginRegistry;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** {@code offramp bench --network FILE}: reads the file, and measures in a second process too, whose allocator is not tuned. */
final class NetworkBenchRun {
    private static final int STEPS = 16;

    private final PluginRegistry registry;
    private final PrintWriter out;

    NetworkBenchRun(PluginRegistry registry, PrintWriter out) {
        this.registry = registry;
        this.out = out;
    }

    void run(
            Path file,
            int[] batches,
            int threads,
            int rounds,
            int warmUp,
            @Nullable Path save,
            List<String> arguments) {
        NetworkBench bench = bench(file);
        if (Allocator.isTuned()) {
            untuned(arguments);
        }
        out.println("allocator: " + Allocator.state());
        int[] counts = threads > 0
                ? new int[] {threads}
                : IntStream.of(1, Runtime.getRuntime().availableProcessors())
                        .distinct()
                        .toArray();
        bench.inference(batches, counts, rounds, TimeUnit.SECONDS.toNanos(warmUp));
        bench.training(counts, STEPS, Math.min(3, rounds));
        if (save != null) {
            bench.save(save);
        }
    }

    /** The same command in a process of its own: an allocator that is tuned once stays so. */
    private void untuned(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + Allocator.AS_IT_IS + "=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dofframp.home=" + System.getProperty("offramp.home", ""),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            out.flush();
            if (process.waitFor() != 0) {
                out.println("the measurement with the allocator as it is ended with " + process.exitValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no second process for the allocator as it is", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the second process measured", e);
        }
    }

    private NetworkBench bench(Path file) {
        Map<?, ?> document = document(file);
        if (!(document.get("input") instanceof List<?> input)
                || !input.stream().allMatch(size -> size instanceof Integer number && number > 0)
                || !(document.get("classes") instanceof Integer classes)
                || !(document.get("backbone") instanceof Map<?, ?> backbone)
                || document.size() != 3) {
            throw new ConfigurationException(
                    List.of(
                            file
                                    + ": it has the keys " + document.keySet()
                                    + "; needed are exactly input (a sample's shape, such as [1, 28, 28]), classes (a number) and backbone (a name and its keys)"));
        }
        // Bound like the backbone of any run.
        Map<String, Object> strategy = new LinkedHashMap<>();
        strategy.put("name", "network");
        strategy.put("backbone", backbone);
        strategy.put("trainers", List.of());
        strategy.put("control", Map.of("name", "full"));
        RunConfig config = RunConfigLoader.parse(
                new Yaml().dump(Map.of("strategies", List.of(strategy))), file.toString(), List.of(), registry);
        Shape shape = new Shape(input.stream()
                .mapToLong(size -> size instanceof Integer number ? number : 0)
                .toArray());
        return new NetworkBench(
                () -> config.strategies().get(0).backbone().create().apply(shape, classes), out);
    }

    private static Map<?, ?> document(Path file) {
        try {
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            return document instanceof Map<?, ?> map ? map : Map.of();
        } catch (IOException | YAMLException e) {
            throw new ConfigurationException(List.of(file + ": cannot be read: " + e.getMessage()));
        }
    }
}
