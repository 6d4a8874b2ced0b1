package org.offramp.baselines;

import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/**
 * Score: how many exits in a row, this one not counted, gave the same prediction as this one (PABEE 2020:
 * {@code cnt_n = cnt_{n-1} + 1 if ŷ_n = ŷ_{n-1} else 0}). It is 0 at the first exit; a threshold is the patience.
 */
final class PatiencePolicy implements ExitPolicyFactory<PatiencePolicy.Config> {
    record Config() {}

    @Override
    public String name() {
        return "patience";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.READS_EARLIER_EXITS);
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        return evidence -> {
            FloatMatrix logits = Checked.logits(evidence);
            return ExitScores.ofProbabilities(logits.softmax(), row -> {
                int exit = evidence.exit() - 1;
                while (exit > 0 && Checked.logits(evidence, exit).argMax(row) == logits.argMax(row)) {
                    exit--;
                }
                return evidence.exit() - 1 - exit;
            });
        };
    }
}
