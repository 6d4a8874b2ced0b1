package org.offramp.host.calibration;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Every choice of one threshold for all early exits, by one sweep from the highest score to the lowest. */
final class SharedThresholds {
    private SharedThresholds() {}

    /** A threshold and what it gives. */
    private record At(double threshold, Outcome outcome) {}

    /** The choices that no other shared threshold beats. */
    static Frontier of(SortedTrace trace) {
        int early = trace.exits() - 1;
        int size = trace.size();
        float[] all = trace.earlyScores();
        int[] falling = SortedTrace.descending(all);
        int[] taken = new int[size];
        Arrays.fill(taken, trace.exits());
        Outcome none = trace.outcome(trace.closed());
        long correct = none.correct();
        long macs = none.macs();
        Deque<At> kept = new ArrayDeque<>();
        kept.push(new At(Double.POSITIVE_INFINITY, none));
        for (int i = 0; i < falling.length; i++) {
            int exit = falling[i] / size + 1;
            int sample = falling[i] % size;
            int from = taken[sample];
            if (exit < from) {
                correct += trace.gain(sample, from, exit);
                macs += trace.cost(exit) - trace.cost(from);
                taken[sample] = exit;
            }
            boolean lastOfTies = i == falling.length - 1 || all[falling[i + 1]] < all[falling[i]];
            if (lastOfTies) {
                push(kept, new At(all[falling[i]], new Outcome(correct, macs)));
            }
        }
        List<Frontier.Point> points = new ArrayList<>();
        for (At at : kept) {
            double[] thresholds = new double[early];
            Arrays.fill(thresholds, at.threshold());
            points.add(new Frontier.Point(thresholds, at.outcome()));
        }
        return new Frontier(List.copyOf(points));
    }

    /** MACs only fall along the sweep, so what is beaten lies on top. */
    private static void push(Deque<At> kept, At at) {
        Outcome outcome = at.outcome();
        if (kept.getFirst().outcome().equals(outcome)) {
            return;
        }
        while (!kept.isEmpty() && kept.getFirst().outcome().correct() <= outcome.correct()) {
            kept.pop();
        }
        if (kept.isEmpty() || kept.getFirst().outcome().macs() > outcome.macs()) {
            kept.push(at);
        }
    }
}
