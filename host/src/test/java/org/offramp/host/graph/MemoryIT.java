package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A long life: many calls of mixed batch sizes in a fixed memory, and modules that are opened and closed. */
@EnabledOnOs(OS.LINUX)
class MemoryIT {
    private static final int CALLS = 20_000;
    private static final int WARM_UP = 4_000;
    private static final long BOUND_MIB = 64;

    @Test
    void twentyThousandCallsOfMixedBatchSizesStayInTheirMemory() throws IOException {
        Engine.getInstance();
        Subject subject = OfframpBlocks.all().findFirst().orElseThrow();
        Random random = new Random(1);
        try (NDManager manager = NDManager.newBaseManager();
                CompiledModule module = new CompiledModule(archive(manager, subject))) {
            long begin = 0;
            for (int call = 1; call <= CALLS; call++) {
                try (NDManager scope = manager.newSubManager()) {
                    module.call("run", subject.inputs(scope, 1 + random.nextInt(24), call));
                }
                if (call == WARM_UP) {
                    begin = residentMiB();
                }
                if (call % WARM_UP == 0) {
                    System.out.println(call + " calls: " + residentMiB() + " MiB resident");
                }
            }
            assertThat(residentMiB() - begin).isLessThan(BOUND_MIB);
        }
    }

    @Test
    void aClosedModuleGivesItsMemoryBack() throws IOException {
        Engine.getInstance();
        Subject subject = Subject.of(
                "memory",
                "a million weights",
                () -> ai.djl.nn.core.Linear.builder().setUnits(1024).build(),
                1024);
        try (NDManager manager = NDManager.newBaseManager()) {
            byte[] archive = archive(manager, subject);
            long begin = 0;
            for (int round = 0; round < 200; round++) {
                try (NDManager scope = manager.newSubManager();
                        CompiledModule module = new CompiledModule(archive)) {
                    module.call("run", subject.inputs(scope, 1, round));
                }
                if (round == 50) {
                    begin = residentMiB();
                }
            }
            // 149 modules of 4 MiB each would show.
            assertThat(residentMiB() - begin).isLessThan(BOUND_MIB);
        }
    }

    private static byte[] archive(NDManager manager, Subject subject) {
        Block block = subject.make(manager);
        Compiler compiler = new Compiler(Subject.parameters(block), Compiler.Form.INFERENCE);
        compiler.add("run", block::forward, subject.shapes(), false);
        return compiler.archive();
    }

    private static long residentMiB() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
