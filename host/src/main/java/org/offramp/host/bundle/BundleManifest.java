package org.offramp.host.bundle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code bundle.yaml}: what a bundle is and what it holds.
 *
 * @param format the format's version
 * @param versions what took part in the training, by name
 * @param strategy the strategy's name
 * @param seed the seed it was trained with
 * @param run the configuration it was trained with, as a run of this one strategy and seed
 * @param dataFolder what relative paths of the configuration are relative to
 * @param input the shape of one sample, without the batch dimension
 * @param classNames the class names
 * @param mean what is subtracted per channel; empty for nothing
 * @param deviation what it is divided by per channel
 * @param exits for exit 1 … N what it gives and costs
 * @param backboneMacs the MACs of the plain backbone
 * @param policyState what the policy learned
 * @param thresholds one per early exit; {@code .inf} never leaves
 * @param goal what they were chosen for
 * @param calibration what they gave on the calibration split
 * @param training what the training cost
 * @param files the SHA-256 of every other file, by name
 */
record BundleManifest(
        int format,
        SortedMap<String, String> versions,
        String strategy,
        long seed,
        ObjectNode run,
        String dataFolder,
        List<Long> input,
        List<String> classNames,
        List<Float> mean,
        List<Float> deviation,
        List<Exit> exits,
        long backboneMacs,
        Map<String, double[]> policyState,
        List<String> thresholds,
        String goal,
        Calibration calibration,
        Training training,
        SortedMap<String, String> files) {
    static final int FORMAT = 1;

    /**
     * An exit.
     *
     * @param outputs what its stage returns after the activation
     * @param reads the earlier exits' outputs its heads read, as {@code exit/OUTPUT}
     * @param cumulativeMacs the MACs of a sample that leaves there
     */
    record Exit(List<String> outputs, List<String> reads, long cumulativeMacs) {}

    /**
     * What the thresholds gave on the calibration split.
     *
     * @param accuracy the accuracy with them
     * @param backboneAccuracy the accuracy without leaving early
     * @param meanMacs the mean MACs with them
     * @param reached whether the goal was reached
     */
    record Calibration(double accuracy, double backboneAccuracy, double meanMacs, boolean reached) {}

    /**
     * What the training cost.
     *
     * @param macs the MACs
     * @param seconds the time
     */
    record Training(long macs, double seconds) {}

    double[] thresholdValues() {
        return thresholds.stream()
                .mapToDouble(text -> text.equals(".inf")
                        ? Double.POSITIVE_INFINITY
                        : text.equals("-.inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(text))
                .toArray();
    }

    static String threshold(double value) {
        return Double.isInfinite(value) ? (value > 0 ? ".inf" : "-.inf") : Double.toString(value);
    }

    BundleManifest with(
            List<String> otherThresholds,
            String otherGoal,
            Calibration otherCalibration,
            @Nullable SortedMap<String, String> otherFiles) {
        return new BundleManifest(
                format,
                versions,
                strategy,
                seed,
                run,
                dataFolder,
                input,
                classNames,
                mean,
                deviation,
                exits,
                backboneMacs,
                policyState,
                otherThresholds,
                otherGoal,
                otherCalibration,
                training,
                otherFiles == null ? files : otherFiles);
    }
}
