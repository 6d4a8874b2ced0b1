package org.offramp.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.baselines.MaxProbability;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.Compiler;
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

/**
 * What a policy costs for a batch: the arithmetic alone, the policy as the host calls it, and both ways from logits in the engine to scores in
 * Java: logits read and scored, or probabilities and scores computed in a compiled stage and read.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PolicyPerRow {
    /** Samples in the batch. */
    @Param({"1", "64", "256"})
    public int rows;

    /** Classes. */
    @Param({"10", "100"})
    public int classes;

    private final ExitPolicy policy =
            new MaxProbability().create(new MaxProbability.Config(1), new PolicyState(Map.of()));
    private final NDManager manager = NDManager.newBaseManager();
    private NDArray engineLogits = manager.zeros(new Shape(1, 1));
    private @Nullable CompiledModule module;
    private FloatMatrix logits = FloatMatrix.wrap(new float[1], 1, 1);
    private Evidence evidence = new Evidence(2, 1, List.of(Map.of()));

    /** Makes logits. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        float[] values = new float[rows * classes];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 * random.nextGaussian());
        }
        logits = FloatMatrix.wrap(values, rows, classes);
        Map<HeadOutput, FloatMatrix> outputs = new EnumMap<>(HeadOutput.class);
        outputs.put(HeadOutput.LOGITS, logits);
        evidence = new Evidence(2, rows, List.of(outputs));
        JniUtils.setNumThreads(1);
        engineLogits = manager.create(values, new Shape(rows, classes));
        Compiler compiler = new Compiler(Map.of(), Compiler.Form.INFERENCE);
        compiler.add("score", PolicyPerRow::scored, List.of(new Shape(classes)), false);
        module = new CompiledModule(compiler.archive());
    }

    private static NDList scored(ParameterStore store, NDList inputs, boolean training) {
        NDArray probabilities = inputs.get(0).softmax(1);
        return new NDList(probabilities, probabilities.max(new int[] {1}));
    }

    /** Logits read from the engine and scored in Java. */
    @Benchmark
    public ExitScores readThenScore() {
        Map<HeadOutput, FloatMatrix> outputs = new EnumMap<>(HeadOutput.class);
        outputs.put(HeadOutput.LOGITS, FloatMatrix.wrap(engineLogits.toFloatArray(), rows, classes));
        return policy.score(new Evidence(2, rows, List.of(outputs)));
    }

    /** Scored by a compiled method of its own, then read. */
    @Benchmark
    public float scoreThenRead() {
        try (NDList scores = Objects.requireNonNull(module).call("score", new NDList(engineLogits))) {
            return scores.get(0).toFloatArray()[0] + scores.get(1).toFloatArray()[0];
        }
    }

    /** The softmax of every row. */
    @Benchmark
    public FloatMatrix softmax() {
        return logits.softmax();
    }

    /** {@code max-probability} on evidence. */
    @Benchmark
    public ExitScores maxProbability() {
        return policy.score(evidence);
    }
}
