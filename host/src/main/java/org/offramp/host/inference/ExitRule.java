package org.offramp.host.inference;

import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;

/** Says at an exit which samples leave, and with what answer. */
public interface ExitRule {
    /**
     * Decides a batch at one exit that is not the last; at the last exit only the scores are used.
     *
     * @param evidence the outputs of this exit and the earlier ones
     * @param samples the samples' numbers in the batch that came in
     */
    Decision decide(Evidence evidence, int[] samples);

    /** What a sample needs to leave at exit 1 … N − 1, as {@link StageRunner#runOne} takes it; empty where nothing is known. */
    default double[] needs() {
        return new double[0];
    }

    /**
     * A decision.
     *
     * @param scores scores, predictions and probabilities
     * @param leaves one flag per sample
     */
    record Decision(ExitScores scores, boolean[] leaves) {}

    /**
     * A sample leaves at the first exit whose score reaches its threshold.
     *
     * @param policy the policy
     * @param thresholds one per early exit; +infinity never leaves
     */
    static ExitRule of(ExitPolicy policy, double[] thresholds) {
        double[] sealed = thresholds.clone();
        ExitRule rule = (evidence, samples) -> {
            ExitScores scores = policy.score(evidence);
            boolean[] leaves = new boolean[scores.size()];
            if (evidence.exit() < evidence.exits()) {
                for (int row = 0; row < leaves.length; row++) {
                    leaves[row] = scores.score(row) >= sealed[evidence.exit() - 1];
                }
            }
            return new Decision(scores, leaves);
        };
        return new KnownNeeds(rule, OneCall.needs(policy, sealed));
    }

    /**
     * A sample leaves where a plan says; the answer is the exit's most probable class. For controls.
     *
     * @param exits the exit of every sample of the batch that comes in
     */
    static ExitRule plan(int[] exits) {
        ExitRule rule = (evidence, samples) -> {
            FloatMatrix probabilities = evidence.logits().softmax();
            boolean[] leaves = new boolean[samples.length];
            for (int row = 0; row < leaves.length; row++) {
                leaves[row] = exits[samples[row]] == evidence.exit();
            }
            return new Decision(ExitScores.ofProbabilities(probabilities, row -> 0), leaves);
        };
        return exits.length == 1 ? new KnownNeeds(rule, OneCall.until(exits[0])) : rule;
    }
}
