package org.offramp.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.offramp.api.FloatMatrix;
import org.offramp.host.inference.Answers;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.ExitRule;
import org.offramp.host.network.Network;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** 256 samples through a ResNet-20 in micro-batches: the backbone, and with half of the samples leaving at each exit. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class MicroBatch {
    private static final int BATCH = 256;

    /** Samples that enter together. */
    @Param({"8", "16", "32", "64", "128", "256"})
    public int microBatch;

    private final NDManager manager = NDManager.newBaseManager();
    private final Network network = SmallStages.residual();
    private final CompiledStages stages =
            CompiledStages.compile(network, manager.randomNormal(new Shape(3, 3, 32, 32)));
    private final NDArray batch = manager.randomNormal(new Shape(BATCH, 3, 32, 32));
    private final ExitRule halves = ExitRule.plan(IntStream.range(0, BATCH)
            .map(i -> 1 + Math.min(2, Integer.numberOfTrailingZeros(i + BATCH)))
            .toArray());
    private EarlyExitRunner runner = new EarlyExitRunner(network.plan(), stages);

    /** One engine thread. */
    @Setup
    public void prepare() {
        JniUtils.setNumThreads(1);
        runner = new EarlyExitRunner(network.plan(), stages, microBatch);
    }

    /** The plain backbone. */
    @Benchmark
    public FloatMatrix backbone() {
        return runner.backbone(batch);
    }

    /** With early exits. */
    @Benchmark
    public Answers earlyExits() {
        return runner.run(batch, halves);
    }
}
