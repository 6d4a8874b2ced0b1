package org.offramp.conformance;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/**
 * A policy put together by a test; without changes the greatest probability, which passes every rule.
 *
 * @param capabilities what it declares
 * @param fitting makes the state
 * @param making makes the policy
 */
record GivenPolicy(Set<Capability> capabilities, Fitting fitting, Function<PolicyState, ExitPolicy> making)
        implements ExitPolicyFactory<GivenPolicy.Config> {
    /**
     * The keys.
     *
     * @param temperature divides the logits
     */
    record Config(
            @Key(value = "divides the logits", defaultValue = "1.0", min = 0.1, max = 10)
            double temperature) {}

    static GivenPolicy rightFactory() {
        return new GivenPolicy(Set.of(), (trace, random) -> PolicyState.EMPTY, state -> GivenPolicy::right);
    }

    static PolicySubject<?> subject(ExitPolicy policy, Capability... capabilities) {
        return new GivenPolicy(Set.of(capabilities), (trace, random) -> PolicyState.EMPTY, state -> policy).subject();
    }

    PolicySubject<?> subject() {
        return PolicySubject.ofDefaults(this);
    }

    @Override
    public String name() {
        return "given";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public PolicyState fit(Config config, CalibrationTrace calibration, RandomGenerator random) {
        return fitting.fit(calibration, random);
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        return making.apply(state);
    }

    /** The greatest probability. */
    static ExitScores right(Evidence evidence) {
        return scored(evidence, row -> greatest(evidence, row));
    }

    static ExitScores scored(Evidence evidence, ExitScores.RowScore score) {
        return ExitScores.ofProbabilities(finite(evidence).softmax(), score);
    }

    static float greatest(Evidence evidence, int row) {
        FloatMatrix probabilities = evidence.logits().softmax();
        return probabilities.get(row, probabilities.argMax(row));
    }

    static FloatMatrix finite(Evidence evidence) {
        return finite(evidence, evidence.exit(), HeadOutput.LOGITS);
    }

    static FloatMatrix finite(Evidence evidence, int exit, HeadOutput output) {
        FloatMatrix matrix = evidence.output(exit, output);
        for (float value : matrix.toArray()) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("exit " + exit + ": " + output + " hold " + value);
            }
        }
        return matrix;
    }

    /** A fitted policy whose one number is the mean of the calibration labels, added to the score. */
    static PolicyState meanLabel(CalibrationTrace trace, RandomGenerator random) {
        double sum = random.nextDouble();
        for (int label : trace.labels()) {
            sum += label;
        }
        return new PolicyState(Map.of("bonus", new double[] {sum / trace.size()}));
    }

    static ExitPolicy withBonus(PolicyState state) {
        double bonus = state.get("bonus")[0];
        return evidence -> scored(evidence, row -> greatest(evidence, row) + bonus);
    }

    /** Makes a state. */
    @FunctionalInterface
    interface Fitting {
        PolicyState fit(CalibrationTrace trace, RandomGenerator random);
    }
}
