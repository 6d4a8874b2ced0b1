package org.offramp.baselines;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;

/**
 * {@code ensemble}: an exit answers together with those before it, q_n ∝ exp(Σ_{i ≤ n} w_i^n log p_i + b_n) with weights of 0 or more; the score
 * is the greatest probability. Weights and biases are fitted on the calibration samples (Zero Time Waste, Wołczyk et al. 2021, section 3.2;
 * ours: a weight may be 0, and biases are held small, see {@link GeometricEnsemble}).
 */
public final class EnsemblePolicy implements ExitPolicyFactory<NoKeys> {
    @Override
    public String name() {
        return "ensemble";
    }

    @Override
    public Class<NoKeys> configType() {
        return NoKeys.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FITTED, Capability.READS_EARLIER_EXITS);
    }

    @Override
    public PolicyState fit(NoKeys config, CalibrationTrace calibration, RandomGenerator random) {
        Map<String, double[]> state = new TreeMap<>();
        for (int exit = 1; exit <= calibration.evidence().exits(); exit++) {
            GeometricEnsemble members =
                    GeometricEnsemble.of(calibration.evidence().upTo(exit));
            state.put("exit-" + exit, members.fit(calibration.labels()));
        }
        return new PolicyState(state);
    }

    @Override
    public ExitPolicy create(NoKeys config, PolicyState state) {
        state.get("exit-1");
        return evidence -> {
            FloatMatrix probabilities =
                    GeometricEnsemble.of(evidence).probabilities(state.get("exit-" + evidence.exit()));
            return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
        };
    }
}
