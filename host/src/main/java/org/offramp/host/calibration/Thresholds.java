package org.offramp.host.calibration;

/**
 * Sealed thresholds and what they gave on the calibration split.
 *
 * @param values one per early exit; +infinity never leaves
 * @param accuracy the accuracy with them
 * @param lastExitAccuracy the accuracy without leaving early
 * @param meanMacs the mean MACs with them
 * @param reachable whether the goal could be reached; if not, they come as near as they can
 */
public record Thresholds(
        double[] values, double accuracy, double lastExitAccuracy, double meanMacs, boolean reachable) {}
