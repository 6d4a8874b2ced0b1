package org.offramp.host.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.inject.Inject;
import com.google.inject.Provider;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code offramp doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Check the installation: versions, the native engine, the plugins.")
final class DoctorCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;

    @Inject
    DoctorCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Runtime runtime = Runtime.getRuntime();
        out.println("java " + Runtime.version() + ", " + runtime.availableProcessors() + " cores, "
                + runtime.maxMemory() / (1 << 20) + " MiB heap");
        out.println("allocator " + Allocator.state());
        PluginRegistry registry = plugins.get();
        Versions.of(registry).forEach((name, version) -> out.println(name + " " + version));
        boolean right = engineMultiplies();
        out.println("engine multiplies matrices " + (right ? "rightly" : "WRONGLY"));
        registry.problems().forEach(problem -> out.println("plugin problem: " + problem));
        out.flush();
        return right && registry.problems().isEmpty() ? 0 : 1;
    }

    private static boolean engineMultiplies() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray matrix = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
            return java.util.Arrays.equals(matrix.matMul(matrix).toFloatArray(), new float[] {7, 10, 15, 22});
        }
    }
}
