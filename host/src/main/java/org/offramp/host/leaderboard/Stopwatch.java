package org.offramp.host.leaderboard;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.offramp.host.data.Batches;
import org.offramp.host.data.SampleSet;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.ExitRule;

/** Measures the plain backbone against early exits on the same samples, in turns; the median round counts. */
final class Stopwatch {
    private static final int ROUNDS = 5;
    private static final int WARM_UP = 4;

    private final EarlyExitRunner runner;
    private final SampleSet samples;

    Stopwatch(EarlyExitRunner runner, SampleSet samples) {
        this.runner = runner;
        this.samples = samples;
    }

    /** Makes the rule of a batch from the positions of its samples in the split. */
    interface RuleOf {
        ExitRule at(int[] positions);
    }

    /**
     * Nanoseconds per sample: of the plain backbone, then with early exits.
     *
     * @param batch samples per call
     * @param count samples per round
     * @param rule who leaves
     */
    double[] measure(int batch, int count, RuleOf rule) {
        int whole = Math.max(batch, Math.min(count, samples.size()) / batch * batch);
        double[] full = new double[ROUNDS];
        double[] early = new double[ROUNDS];
        // The first rounds warm up and do not count.
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long fullTime = 0;
            long earlyTime = 0;
            for (int from = 0; from < whole; from += batch) {
                int[] positions = IntStream.range(from, from + batch)
                        .map(i -> i % samples.size())
                        .toArray();
                try (NDManager manager = NDManager.newBaseManager();
                        NDArray input = Batches.read(manager, samples, positions)) {
                    ExitRule here = rule.at(positions);
                    long start = System.nanoTime();
                    runner.backbone(input).softmax();
                    long middle = System.nanoTime();
                    runner.run(input, here);
                    fullTime += middle - start;
                    earlyTime += System.nanoTime() - middle;
                }
            }
            if (round >= 0) {
                full[round] = fullTime / (double) whole;
                early[round] = earlyTime / (double) whole;
            }
        }
        Arrays.sort(full);
        Arrays.sort(early);
        return new double[] {full[ROUNDS / 2], early[ROUNDS / 2]};
    }
}
