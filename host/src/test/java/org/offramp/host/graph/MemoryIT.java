package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import com.sun.jna.Function;
import com.sun.jna.Structure;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A long life: many calls of mixed batch sizes in a fixed memory, and modules that are opened and closed. */
@EnabledOnOs(OS.LINUX)
class MemoryIT {
    private static final int CALLS = 20_000;
    private static final int WARM_UP = 4_000;

    /** The JVM's own compilers take some tens of MiB now and then; a leak of inputs or weights would be 500 and more. */
    private static final long BOUND_MIB = 100;

    @Test
    void twentyThousandCallsOfMixedBatchSizesStayInTheirMemory() {
        Engine.getInstance();
        Subject subject = OfframpBlocks.all().findFirst().orElseThrow();
        Random random = new Random(1);
        try (NDManager manager = NDManager.newBaseManager();
                CompiledModule module = new CompiledModule(archive(manager, subject))) {
            long begin = 0;
            for (int call = 1; call <= CALLS; call++) {
                try (NDManager scope = manager.newSubManager()) {
                    module.call("run", subject.inputs(scope, 1 + random.nextInt(64), call));
                }
                if (call == WARM_UP) {
                    begin = allocatedMiB();
                }
                if (call % WARM_UP == 0) {
                    System.out.println(call + " calls: " + allocatedMiB() + " MiB allocated");
                }
            }
            assertThat(allocatedMiB() - begin).isLessThan(BOUND_MIB);
        }
    }

    @Test
    void aClosedModuleGivesItsMemoryBack() {
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
                    begin = allocatedMiB();
                }
            }
            // 149 modules of 4 MiB each.
            assertThat(allocatedMiB() - begin).isLessThan(BOUND_MIB);
        }
    }

    private static byte[] archive(NDManager manager, Subject subject) {
        Block block = subject.make(manager);
        Compiler compiler = new Compiler(Subject.parameters(block), Compiler.Form.INFERENCE);
        compiler.add("run", block::forward, subject.shapes(), false);
        return compiler.archive();
    }

    /**
     * What the C library's allocator has handed out: the engine's arrays and modules, not Java's heap. Resident memory moves
     * by more than 100 MiB with Java's heap alone. The fields are 32 bits wide, so differences count, not values.
     */
    private static int allocatedMiB() {
        System.gc();
        MallInfo info = (MallInfo) Function.getFunction("c", "mallinfo").invoke(MallInfo.class, new Object[0]);
        return (info.uordblks + info.hblkhd) >>> 20;
    }

    /** The C library's {@code struct mallinfo}. */
    @Structure.FieldOrder({
        "arena",
        "ordblks",
        "smblks",
        "hblks",
        "hblkhd",
        "usmblks",
        "fsmblks",
        "uordblks",
        "fordblks",
        "keepcost"
    })
    public static final class MallInfo extends Structure implements Structure.ByValue {
        public int arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
    }
}
