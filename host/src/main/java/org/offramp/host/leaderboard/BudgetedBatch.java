package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.offramp.host.calibration.ScoredTrace;

/**
 * Thresholds for budgeted batch classification (Huang et al. 2018, section 5, and their code): the fraction of samples that leaves at exit
 * k is to be proportional to r to the power of k, for r = 1/20, 2/20 … 39/20; each exit's threshold is the score that lets so many of the
 * calibration samples leave that are still there.
 */
final class BudgetedBatch {
    private static final int RATES = 39;
    private static final double UNIT = 20;

    private BudgetedBatch() {}

    /** The thresholds of every rate, from the cheapest to the dearest. */
    static List<double[]> thresholds(ScoredTrace trace) {
        return IntStream.rangeClosed(1, RATES)
                .mapToObj(rate -> thresholds(trace, rate / UNIT))
                .toList();
    }

    private static double[] thresholds(ScoredTrace trace, double rate) {
        double[] shares = new double[trace.exits()];
        Arrays.setAll(shares, exit -> Math.pow(rate, exit + 1.0));
        double all = Arrays.stream(shares).sum();
        double[] thresholds = new double[trace.exits() - 1];
        List<Integer> left =
                new ArrayList<>(IntStream.range(0, trace.size()).boxed().toList());
        for (int exit = 0; exit < thresholds.length; exit++) {
            float[] scores = trace.scores()[exit];
            left.sort((one, other) -> Float.compare(scores[other], scores[one]));
            int leaving = (int) Math.min(left.size(), Math.round(shares[exit] / all * trace.size()));
            double threshold = leaving == 0 ? Double.POSITIVE_INFINITY : scores[left.get(leaving - 1)];
            thresholds[exit] = threshold;
            left.removeIf(sample -> scores[sample] >= threshold);
        }
        return thresholds;
    }
}
