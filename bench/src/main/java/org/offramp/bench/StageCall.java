package org.offramp.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.Compiler;
import org.openjdk.jmh.annotations.*;

@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings({"try","NullAway","WildcardImport","UnusedVariable"})
public class StageCall {
    private NDManager manager = NDManager.newBaseManager();
    private NDArray x = manager.zeros(new Shape(1, 16, 8, 8));
    private CompiledModule module = new CompiledModule(new Compiler(List.of()).archive());

    @Setup
    public void prepare() {
        JniUtils.setNumThreads(1);
        Compiler compiler = new Compiler(List.of());
        compiler.add("one", (store, in, training) -> new NDList(in.get(0).getNDArrayInternal().relu()), List.of(new Shape(16, 8, 8)), false);
        compiler.add("two", (store, in, training) -> new NDList(in.get(0).getNDArrayInternal().relu(), in.get(0).getNDArrayInternal().globalAvgPool()), List.of(new Shape(16, 8, 8)), false);
        module = new CompiledModule(compiler.archive());
    }

    @Benchmark
    public NDManager scope() {
        try (NDManager scope = manager.newSubManager()) {
            return scope;
        }
    }

    @Benchmark
    public NDArray duplicate() {
        try (NDArray copy = x.duplicate()) {
            return copy;
        }
    }

    @Benchmark
    public float[] one() {
        try (NDList list = module.call("one", new NDList(x))) {
            return new float[0];
        }
    }

    @Benchmark
    public float[] two() {
        try (NDList list = module.call("two", new NDList(x))) {
            return new float[0];
        }
    }

    @Benchmark
    public float[] twoRead() {
        try (NDList list = module.call("two", new NDList(x))) {
            return list.get(1).toFloatArray();
        }
    }
    @Benchmark
    public float[] eagerRelu() {
        try (NDArray y = x.getNDArrayInternal().relu()) {
            return new float[0];
        }
    }
    @Benchmark
    public NDArray create() {
        try (NDArray y = manager.create(new float[64], new Shape(1,64))) {
            return y;
        }
    }
}
