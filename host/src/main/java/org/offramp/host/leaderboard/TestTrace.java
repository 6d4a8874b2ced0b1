package org.offramp.host.leaderboard;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.inference.Traces;
import org.offramp.host.metrics.LabelledAnswers;
import org.offramp.host.metrics.Outcomes;

/**
 * What every exit answers to every test sample: all that figures at any thresholds are made of.
 *
 * @param exits the answers of exit 1 … N
 * @param backbone the most probable classes of the last exit's logits, whatever the policy says
 */
record TestTrace(List<LabelledAnswers> exits, int[] backbone) {
    /** What a policy answers, of evidence at the last exit. */
    static TestTrace of(ExitPolicy policy, Evidence evidence, int[] labels) {
        return new TestTrace(
                Traces.answers(policy, evidence, labels),
                IntStream.range(0, labels.length).map(evidence.logits()::argMax).toArray());
    }

    int[] labels() {
        return exits.get(0).labels();
    }

    /** For choosing exits by thresholds. */
    ScoredTrace scored(RunRecord.Cost cost) {
        return new ScoredTrace(
                labels(),
                exits.stream().map(LabelledAnswers::scores).toArray(float[][]::new),
                exits.stream().map(LabelledAnswers::predictions).toArray(int[][]::new),
                cost.cumulative().stream().mapToLong(Long::longValue).toArray(),
                cost.backbone());
    }

    /** Where samples leave at thresholds, and what is answered. */
    Outcomes at(RunRecord.Cost cost, List<String> thresholds) {
        int[] taken = scored(cost).exitsAt(RunRecord.read(thresholds));
        int[] predictions = IntStream.range(0, taken.length)
                .map(i -> exits.get(taken[i] - 1).predictions()[i])
                .toArray();
        return new Outcomes(labels(), taken, predictions);
    }

    /** The answers at the exits taken. */
    LabelledAnswers taken(Outcomes outcomes) {
        return LabelledAnswers.taken(exits, outcomes.exits());
    }

    double backboneAccuracy() {
        return new Outcomes(labels(), new int[labels().length], backbone).accuracy();
    }

    /** The samples that left at one of some exits, of the given answers. */
    static LabelledAnswers left(LabelledAnswers answers, Outcomes outcomes, int from, int to) {
        return answers.rows(outcomes.leftAt(from, to));
    }

    /** Whether each sample left early with a wrong answer. */
    static double[] wrongEarly(Outcomes outcomes, int exits) {
        double[] flags = early(outcomes, exits);
        Arrays.setAll(flags, i -> outcomes.right(i) ? 0 : flags[i]);
        return flags;
    }

    /** Whether each sample left before the last exit. */
    static double[] early(Outcomes outcomes, int exits) {
        double[] flags = new double[outcomes.size()];
        Arrays.setAll(flags, i -> outcomes.exits()[i] < exits ? 1 : 0);
        return flags;
    }

    /** The fraction that is wrong of those that left early; 0 for none. */
    static double confidentErrorRate(Outcomes outcomes, int exits) {
        double early = Arrays.stream(early(outcomes, exits)).sum();
        return early == 0 ? 0 : Arrays.stream(wrongEarly(outcomes, exits)).sum() / early;
    }
}
