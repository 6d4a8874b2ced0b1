package org.offramp.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.offramp.host.graph.CompiledModule;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What calling a compiled stage costs beside its arithmetic: a stage of one ReLU on 1,024 numbers, and the steps around it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StageCall {
    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray x = manager.zeros(new Shape(1, 16, 8, 8));
    private final CompiledModule module = new CompiledModule(
            SmallStages.archive(Map.of("relu", SmallStages.relu(), "means", SmallStages.reluAndMeans())));

    /** One engine thread. */
    public StageCall() {
        JniUtils.setNumThreads(1);
    }

    /** A memory scope opened and closed. */
    @Benchmark
    public String scope() {
        try (NDManager scope = manager.newSubManager()) {
            return scope.getName();
        }
    }

    /** A copy of the activation. */
    @Benchmark
    public Shape duplicate() {
        try (NDArray copy = x.duplicate()) {
            return copy.getShape();
        }
    }

    /** The same memory under another handle. */
    @Benchmark
    public Shape alias() {
        try (NDArray view = x.reshape(x.getShape())) {
            return view.getShape();
        }
    }

    /** The ReLU as an operation of DJL. */
    @Benchmark
    public Shape operation() {
        try (NDArray y = x.getNDArrayInternal().relu()) {
            return y.getShape();
        }
    }

    /** The ReLU as a compiled stage. */
    @Benchmark
    public int stage() {
        try (NDList result = module.call("relu", new NDList(x))) {
            return result.size();
        }
    }

    /** A compiled stage with a small head, whose output is read. */
    @Benchmark
    public float[] stageAndHead() {
        try (NDList result = module.call("means", new NDList(x))) {
            return result.get(1).toFloatArray();
        }
    }
}
