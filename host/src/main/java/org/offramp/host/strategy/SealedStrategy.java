package org.offramp.host.strategy;

import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.PolicyState;
import org.offramp.host.calibration.Calibrator;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.calibration.Search;
import org.offramp.host.calibration.Thresholds;
import org.offramp.host.config.RunConfig.Calibrate;
import org.offramp.host.config.RunConfig.PolicyChoice;
import org.offramp.host.data.Batches;
import org.offramp.host.inference.Traces;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.training.Seeds;

/**
 * A policy, fitted, with its thresholds: what is decided before test is opened.
 *
 * @param policy the policy
 * @param state what it learned
 * @param thresholds its thresholds
 * @param calibrator chose them, on what the policy says of the calibration samples
 */
public record SealedStrategy(ExitPolicy policy, PolicyState state, Thresholds thresholds, Calibrator calibrator) {
    private static final int FITTING = 77;
    private static final int DRAWING = 78;

    /**
     * Fits a policy and calibrates its thresholds.
     *
     * @param choice the policy
     * @param calibrate the goal
     * @param trained the trained network with its calibration evidence
     * @param labels the calibration samples' labels
     * @param seed the run's seed
     * @throws IllegalArgumentException if the goal does not suit the network
     */
    public static SealedStrategy seal(
            PolicyChoice choice, Calibrate calibrate, TrainedNetworks.Trained trained, int[] labels, long seed) {
        NetworkPlan plan = trained.network().plan();
        PolicyState state = choice.capabilities().contains(Capability.FITTED)
                ? choice.fit()
                        .apply(
                                new CalibrationTrace(trained.calibration(), labels, plan.costs()),
                                Batches.random(Seeds.mix(seed, FITTING)))
                : PolicyState.EMPTY;
        ExitPolicy policy = choice.create().apply(state);
        ScoredTrace trace = Traces.score(policy, trained.calibration(), labels, plan.costs(), plan.backboneMacs());
        Calibrator calibrator = new Calibrator(
                trace, new Search(calibrate.search(), calibrate.draws(), calibrate.window(), Seeds.mix(seed, DRAWING)));
        return new SealedStrategy(policy, state, calibrator.choose(goal(calibrate)), calibrator);
    }

    /**
     * The goal of a configuration.
     *
     * @param calibrate the section
     */
    public static Goal goal(Calibrate calibrate) {
        if (calibrate.maxAccuracyDrop().isPresent()) {
            return new Goal.MaxAccuracyDrop(
                    calibrate.maxAccuracyDrop().get(), calibrate.confidence().orElse(0.0));
        }
        if (calibrate.maxMacs().isPresent()) {
            return new Goal.MaxMacs(calibrate.maxMacs().get());
        }
        return new Goal.Given(calibrate.threshold().orElseThrow().stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }
}
