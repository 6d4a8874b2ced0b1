package org.offramp.host.calibration;

/**
 * Totals over the samples of a trace for one choice of thresholds.
 *
 * @param correct samples answered rightly
 * @param macs all their MACs
 */
record Outcome(long correct, long macs) {}
