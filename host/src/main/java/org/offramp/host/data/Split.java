package org.offramp.host.data;

/** A part of a dataset and what it is for. */
public enum Split {
    /** Trained on. */
    TRAIN,
    /** Early stopping and heads that learn where the network errs. */
    VALIDATION,
    /** Policies are fitted and thresholds chosen on it, and nothing else. */
    CALIBRATION,
    /** Values without labels, for losses that need none. */
    UNLABELLED,
    /** Read once, after thresholds are sealed. */
    TEST
}
