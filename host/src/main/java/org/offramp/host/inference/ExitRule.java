package org.offramp.host.inference;

import java.util.Arrays;
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

    /**
     * For exit 1 … N − 1 the least difference between the two greatest logits of a sample that may leave there: with less it surely stays.
     * Empty where nothing is known.
     */
    default double[] logitMargins() {
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
        double[] margins = new double[sealed.length];
        Arrays.setAll(margins, i -> margin(policy, i + 1, sealed[i]));
        return new ExitRule() {
            @Override
            public Decision decide(Evidence evidence, int[] samples) {
                ExitScores scores = policy.score(evidence);
                boolean[] leaves = new boolean[scores.size()];
                if (evidence.exit() < evidence.exits()) {
                    for (int row = 0; row < leaves.length; row++) {
                        leaves[row] = scores.score(row) >= sealed[evidence.exit() - 1];
                    }
                }
                return new Decision(scores, leaves);
            }

            @Override
            public double[] logitMargins() {
                return margins.clone();
            }
        };
    }

    /** What the policy says of a threshold that is a little lower, so that no rounding of a score makes it wrong. */
    private static double margin(ExitPolicy policy, int exit, double threshold) {
        if (Double.isInfinite(threshold)) {
            return threshold;
        }
        double margin = policy.leastLogitMargin(exit, threshold - 1e-6 * Math.max(1, Math.abs(threshold)));
        return Double.isNaN(margin) ? Double.NEGATIVE_INFINITY : margin;
    }

    /**
     * A sample leaves where a plan says; the answer is the exit's most probable class. For controls.
     *
     * @param exits the exit of every sample of the batch that comes in
     */
    static ExitRule plan(int[] exits) {
        return (evidence, samples) -> {
            FloatMatrix probabilities = evidence.logits().softmax();
            boolean[] leaves = new boolean[samples.length];
            for (int row = 0; row < leaves.length; row++) {
                leaves[row] = exits[samples[row]] == evidence.exit();
            }
            return new Decision(ExitScores.ofProbabilities(probabilities, row -> 0), leaves);
        };
    }
}
