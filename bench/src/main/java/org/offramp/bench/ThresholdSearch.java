package org.offramp.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.offramp.host.calibration.Calibrator;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.calibration.Search;
import org.offramp.host.calibration.Thresholds;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Threshold search at the size of the paper: 10,000 draws on 50,000 samples and 34 early exits. {@code memory} moves the bytes that a
 * search would move that read and wrote one bit per draw, sample and exit in main memory: 34 × 10,000 × 50,000 / 8, both ways.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class ThresholdSearch {
    private static final int EARLY = 34;
    private static final int SAMPLES = 50_000;
    private static final int DRAWS = 10_000;
    private static final int BUFFER = 16 << 20;

    private ScoredTrace trace = new ScoredTrace(new int[0], new float[1][0], new int[1][0], new long[] {1}, 1);
    private final long[] from = new long[BUFFER];
    private final long[] to = new long[BUFFER];

    /** Makes a trace whose exits get better with depth and whose scores say something of it. */
    @Setup
    public void prepare() {
        SplittableRandom random = new SplittableRandom(1);
        float[][] scores = new float[EARLY + 1][SAMPLES];
        int[][] predictions = new int[EARLY + 1][SAMPLES];
        long[] macs = new long[EARLY + 1];
        for (int exit = 0; exit <= EARLY; exit++) {
            macs[exit] = exit + 1L;
            for (int sample = 0; sample < SAMPLES; sample++) {
                double sure = random.nextDouble();
                scores[exit][sample] = (float) sure;
                predictions[exit][sample] = random.nextDouble() < 0.3 + 0.3 * sure + 0.4 * exit / EARLY ? 0 : 1;
            }
        }
        trace = new ScoredTrace(new int[SAMPLES], scores, predictions, macs, EARLY + 1L);
    }

    private Thresholds choose(Search search) {
        return new Calibrator(trace, search).choose(new Goal.MaxMacs(0.3));
    }

    /** Random draws from U(0, 1) with upper hull, sorting included. */
    @Benchmark
    public Thresholds randomHull() {
        return choose(new Search(Search.Method.RANDOM_HULL, DRAWS, Search.Window.UNIT, 1));
    }

    /** Dynamic programming with coordinate ascent. */
    @Benchmark
    public Thresholds dynamic() {
        return choose(Search.of(Search.Method.DYNAMIC));
    }

    /** Coordinate ascent from the shared threshold. */
    @Benchmark
    public Thresholds perExit() {
        return choose(Search.of(Search.Method.PER_EXIT));
    }

    /** The bytes of the bits, read and written. */
    @Benchmark
    public long[] memory() {
        long words = (long) EARLY * DRAWS * SAMPLES / Long.SIZE;
        for (long moved = 0; moved < words; moved += BUFFER) {
            System.arraycopy(from, 0, to, 0, (int) Math.min(BUFFER, words - moved));
        }
        return to;
    }
}
