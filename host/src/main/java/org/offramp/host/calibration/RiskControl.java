package org.offramp.host.calibration;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A threshold for all exits whose loss of accuracy is bounded for samples to come, not only for those it is chosen on: risk control of early
 * exits (Jazbec et al. 2024, "Fast yet Safe"). Thresholds are tested from the highest to the lowest, and the last one before the first that fails
 * is taken: in such a fixed sequence (Angelopoulos et al. 2021, "Learn then Test") a wrong one is taken with probability 1 − confidence at
 * most, however many are tested. The test is a bet against "the loss is larger" on the paired answers of early exits and last exit
 * (Waudby-Smith and Ramdas 2024, theorem 3 with plug-in stakes), valid for every number of samples. Samples have to be drawn like those to come.
 */
final class RiskControl {
    private static final int CANDIDATES = 1000;
    /** At most this part of what there is goes into one bet. */
    private static final double BOLDNESS = 0.75;

    private final SortedTrace trace;
    private final double drop;
    private final double confidence;
    private final int[] order;

    private RiskControl(SortedTrace trace, Goal.MaxAccuracyDrop goal) {
        this.trace = trace;
        this.drop = goal.drop();
        this.confidence = goal.confidence();
        this.order = shuffled(trace.size());
    }

    /** The lowest threshold that holds; none is left early where not even the highest score does. */
    static Frontier.Point choose(SortedTrace trace, Goal.MaxAccuracyDrop goal) {
        return new RiskControl(trace, goal).choose();
    }

    private Frontier.Point choose() {
        double[] best = trace.closed();
        for (double threshold : candidates()) {
            double[] values = new double[trace.exits() - 1];
            Arrays.fill(values, threshold);
            if (!holds(trace.trace().exitsAt(values))) {
                break;
            }
            best = values;
        }
        return new Frontier.Point(best, trace.outcome(best));
    }

    /**
     * Falling quantiles of all early scores; labels have no part in them. The theory wants a grid that is fixed before any sample is seen, which
     * scores of any range do not have; a thousand of them lie so close that it made no difference in the test's simulation.
     */
    private double[] candidates() {
        float[] all = trace.earlyScores();
        Arrays.sort(all);
        int count = Math.min(CANDIDATES, all.length);
        double[] falling = new double[count];
        for (int i = 0; i < count; i++) {
            falling[i] = all[all.length - 1 - (int) ((long) i * all.length / count)];
        }
        return Arrays.stream(falling).distinct().toArray();
    }

    /**
     * Whether the bet against a loss above the drop is won. With x = (1 + early right − last right) / 2 the loss is above the drop where x is
     * (1 − drop) / 2 or less in the mean, and then K = Π (1 + λ_t (x_t − (1 − drop) / 2)) reaches 1 / (1 − confidence) with probability 1 − confidence
     * at most. λ_t = √(2 ln(1 / (1 − confidence)) / (n σ²_{t−1})), with the variance of the samples before.
     */
    private boolean holds(int[] exits) {
        double boundary = (1 - drop) / 2;
        double goal = -Math.log(1 - confidence);
        double wealth = 0;
        double sum = 0.5;
        double squares = 0.25;
        for (int t = 0; t < order.length; t++) {
            double stake = Math.min(
                    Math.sqrt(2 * goal * (t + 1) / (order.length * squares)), boundary == 0 ? 1 : BOLDNESS / boundary);
            double x = (1 + trace.gain(order[t], trace.exits(), exits[order[t]])) / 2.0;
            wealth += Math.log1p(stake * (x - boundary));
            if (wealth >= goal) {
                return true;
            }
            sum += x;
            double mean = sum / (t + 2);
            squares += (x - mean) * (x - mean);
        }
        return false;
    }

    /** Files may be sorted by class; a bet needs samples in an order that says nothing. */
    private static int[] shuffled(int size) {
        SplittableRandom random = new SplittableRandom(1);
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int at = random.nextInt(i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        return order;
    }
}
