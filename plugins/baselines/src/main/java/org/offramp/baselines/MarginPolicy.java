package org.offramp.baselines;

import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/** {@code margin}: the score is the greatest class probability minus the second greatest. */
public final class MarginPolicy implements ExitPolicyFactory<NoKeys> {
    @Override
    public String name() {
        return "margin";
    }

    @Override
    public Class<NoKeys> configType() {
        return NoKeys.class;
    }

    @Override
    public ExitPolicy create(NoKeys config, PolicyState state) {
        return new LogitPolicy(MarginPolicy::score, (exit, threshold) -> new ExitPolicy.Need(1, threshold));
    }

    private static ExitScores score(Evidence evidence) {
        FloatMatrix probabilities = Logits.finite(evidence).softmax();
        return ExitScores.ofProbabilities(probabilities, row -> margin(probabilities.row(row)));
    }

    private static double margin(float[] probabilities) {
        double first = 0;
        double second = 0;
        for (float probability : probabilities) {
            second = Math.max(second, Math.min(first, probability));
            first = Math.max(first, probability);
        }
        return first - second;
    }
}
