package org.offramp.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.baselines.MaxProbability;
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

/** What a policy costs for a batch: the arithmetic alone, and the policy as the host calls it. */
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
