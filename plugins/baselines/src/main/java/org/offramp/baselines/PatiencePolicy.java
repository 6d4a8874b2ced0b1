package org.offramp.baselines;

import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/**
 * {@code patience}: the score is how many exits in a row, this one not counted, already gave this exit's prediction (PABEE, Zhou
 * et al. 2020): 0 at the first exit and after a change. A threshold t is PABEE's patience.
 */
public final class PatiencePolicy implements ExitPolicyFactory<NoKeys> {
    @Override
    public String name() {
        return "patience";
    }

    @Override
    public Class<NoKeys> configType() {
        return NoKeys.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.READS_EARLIER_EXITS);
    }

    @Override
    public ExitPolicy create(NoKeys config, PolicyState state) {
        return PatiencePolicy::score;
    }

    private static ExitScores score(Evidence evidence) {
        FloatMatrix logits = Logits.finite(evidence);
        int[] agreeing = new int[evidence.size()];
        boolean[] changed = new boolean[evidence.size()];
        for (int exit = evidence.exit() - 1; exit >= 1; exit--) {
            FloatMatrix earlier = Logits.finite(evidence, exit);
            for (int row = 0; row < agreeing.length; row++) {
                changed[row] |= earlier.argMax(row) != logits.argMax(row);
                agreeing[row] += changed[row] ? 0 : 1;
            }
        }
        return ExitScores.ofProbabilities(logits.softmax(), row -> agreeing[row]);
    }
}
