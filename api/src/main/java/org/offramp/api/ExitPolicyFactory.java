package org.offramp.api;

import java.util.random.RandomGenerator;

/**
 * Makes exit policies and, where {@link Capability#FITTED} is declared, fits their state on calibration evidence.
 *
 * @param <C> the configuration record
 */
public non-sealed interface ExitPolicyFactory<C extends Record> extends ComponentFactory<C> {
    /**
     * Makes a policy.
     *
     * @param config the bound configuration
     * @param state what {@link #fit} returned, or {@link PolicyState#EMPTY} for a policy that is not fitted
     * @return a pure, thread-safe policy
     * @throws IllegalArgumentException if the state does not suit the configuration
     */
    ExitPolicy create(C config, PolicyState state);

    /**
     * Fits the policy's state. Called once before thresholds are calibrated, with calibration samples only.
     *
     * @param config the bound configuration
     * @param calibration the evidence of every exit for every calibration sample, with the labels
     * @param random the only source of chance; the same seed gives the same state
     * @return the state, saved with the strategy
     */
    default PolicyState fit(C config, CalibrationTrace calibration, RandomGenerator random) {
        return PolicyState.EMPTY;
    }
}
