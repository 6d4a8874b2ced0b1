package org.offramp.conformance;

import java.util.stream.IntStream;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;

/** Early exit as the host runs it: rows that leave are taken out of the batch, the others go on together. */
final class LiveRun {
    private final ExitPolicy policy;
    private final Evidence evidence;

    /**
     * A run.
     *
     * @param policy decides
     * @param evidence of all exits
     */
    LiveRun(ExitPolicy policy, Evidence evidence) {
        this.policy = policy;
        this.evidence = evidence;
    }

    /** The exit, counted from 1, at which each sample leaves; one threshold per early exit. */
    int[] exitsAt(double[] thresholds) {
        int[] exits = new int[evidence.size()];
        int[] staying = IntStream.range(0, exits.length).toArray();
        for (int exit = 1; exit <= evidence.exits() && staying.length > 0; exit++) {
            ExitScores answer = policy.score(evidence.upTo(exit).rows(staying));
            boolean last = exit == evidence.exits();
            boolean[] leaves = new boolean[exits.length];
            for (int i = 0; i < staying.length; i++) {
                leaves[staying[i]] = last || answer.score(i) >= thresholds[exit - 1];
                exits[staying[i]] = leaves[staying[i]] ? exit : 0;
            }
            staying = IntStream.of(staying).filter(sample -> !leaves[sample]).toArray();
        }
        return exits;
    }

    /** The finite scores of one exit over the whole batch, sorted and distinct: every threshold that makes a difference. */
    double[] scoresAt(int exit) {
        ExitScores answer = policy.score(evidence.upTo(exit));
        return IntStream.range(0, answer.size())
                .mapToDouble(answer::score)
                .filter(Double::isFinite)
                .distinct()
                .sorted()
                .toArray();
    }
}
