package org.offramp.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.network.Network;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The second stage of a ResNet-20 on what is left of 64 samples: rows gathered inside the call, before it, or all rows kept. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class Compaction {
    /** Samples that stay. */
    @Param({"63", "62", "60", "48", "32", "8"})
    public int staying;

    private final NDManager manager = NDManager.newBaseManager();
    private final Network network = SmallStages.residual();
    private final CompiledStages stages =
            CompiledStages.compile(network, manager.randomNormal(new Shape(3, 3, 32, 32)));
    private final NDArray activation = stages.run(1, new NDList(manager.randomNormal(new Shape(64, 3, 32, 32))))
            .get(0);

    /** One engine thread. */
    public Compaction() {
        JniUtils.setNumThreads(1);
    }

    private NDArray rows() {
        return manager.create(LongStream.range(64 - staying, 64).toArray());
    }

    /** All 64 go on. */
    @Benchmark
    public int all() {
        try (NDList result = stages.run(2, new NDList(activation))) {
            return result.size();
        }
    }

    /** Rows picked inside the compiled call. */
    @Benchmark
    public int inside() {
        try (NDArray rows = rows();
                NDList result = stages.runRows(2, rows, new NDList(activation))) {
            return result.size();
        }
    }

    /** Rows picked by an operation before the call. */
    @Benchmark
    public int before() {
        try (NDArray rows = rows();
                NDArray picked = activation.get(new NDIndex("{}", rows));
                NDList result = stages.run(2, new NDList(picked))) {
            return result.size();
        }
    }
}
