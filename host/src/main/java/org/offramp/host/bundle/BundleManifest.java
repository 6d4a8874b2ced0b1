package org.offramp.host.bundle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.Thresholds;

/**
 * {@code bundle.yaml}: what a bundle is and what it holds.
 *
 * @param format the format's version
 * @param versions what took part in the training, by name
 * @param samples the hash of each split's samples, by name; empty in format 1
 * @param strategy the strategy's name
 * @param seed the seed it was trained with
 * @param run the configuration it was trained with, as a run of this one strategy and seed
 * @param dataFolder what relative paths of the configuration are relative to
 * @param input what a sample is
 * @param output what an answer is
 * @param classNames the class names
 * @param exits for exit 1 … N what it gives and costs
 * @param backboneMacs the MACs of the plain backbone
 * @param policyPlugin the plugin that brings the exit policy; empty in format 1
 * @param policyState what the policy learned
 * @param thresholds one per early exit; {@code .inf} never leaves
 * @param goal what they were chosen for
 * @param calibration what they gave on the calibration split
 * @param training what the training cost
 * @param files every other file, by name
 */
record BundleManifest(
        int format,
        SortedMap<String, String> versions,
        SortedMap<String, String> samples,
        String strategy,
        long seed,
        ObjectNode run,
        String dataFolder,
        Input input,
        Output output,
        List<String> classNames,
        List<Exit> exits,
        long backboneMacs,
        String policyPlugin,
        Map<String, double[]> policyState,
        List<String> thresholds,
        String goal,
        Calibration calibration,
        Training training,
        SortedMap<String, FileEntry> files) {
    static final int FORMAT = 4;

    /**
     * What a sample is.
     *
     * @param shape without the batch dimension
     * @param values how the numbers are meant, for people
     * @param mean what is subtracted per channel; empty for nothing
     * @param deviation what it is divided by per channel
     */
    record Input(List<Long> shape, String values, List<Float> mean, List<Float> deviation) {
        static final String VALUES =
                "float32 in row-major order, images as channels × height × width in 0 … 1; mean and deviation are applied by the model";
    }

    /**
     * What an answer is.
     *
     * @param classes the number of classes K
     * @param values how the numbers are meant, for people
     */
    record Output(int classes, String values) {
        static final String VALUES = "class probabilities, the exit taken, the policy's score there, the MACs spent";
    }

    /**
     * An exit.
     *
     * @param outputs what its stage returns after the activation
     * @param reads the earlier exits' outputs its heads read, as {@code exit/OUTPUT}
     * @param cumulativeMacs the MACs of a sample that leaves there
     * @param archived the methods of archives from elsewhere that its stage runs before its heads; empty for compiled stages
     */
    record Exit(List<String> outputs, List<String> reads, long cumulativeMacs, List<Archived> archived) {}

    /**
     * A method of a TorchScript archive from elsewhere.
     *
     * @param file the archive, a file of the bundle
     * @param method the method
     */
    record Archived(String file, String method) {}

    /** The archives from elsewhere that stages run; empty for compiled stages. */
    Set<String> archives() {
        return exits.stream()
                .flatMap(exit -> exit.archived().stream())
                .map(Archived::file)
                .collect(Collectors.toCollection(TreeSet::new));
    }

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

    /**
     * A file of the bundle.
     *
     * @param size in bytes; {@link #UNKNOWN} in format 1
     * @param sha256 its checksum
     */
    record FileEntry(long size, String sha256) {
        static final long UNKNOWN = -1;
    }

    double[] thresholdValues() {
        return thresholds.stream().mapToDouble(BundleManifest::value).toArray();
    }

    private static double value(String text) {
        return switch (text) {
            case ".inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    static String threshold(double value) {
        return Double.isInfinite(value) ? (value > 0 ? ".inf" : "-.inf") : Double.toString(value);
    }

    /** The same bundle with other thresholds, and what they were chosen for. */
    BundleManifest with(Goal otherGoal, Thresholds others) {
        return new BundleManifest(
                format,
                versions,
                samples,
                strategy,
                seed,
                run,
                dataFolder,
                input,
                output,
                classNames,
                exits,
                backboneMacs,
                policyPlugin,
                policyState,
                java.util.Arrays.stream(others.values())
                        .mapToObj(BundleManifest::threshold)
                        .toList(),
                otherGoal.toString(),
                new Calibration(others.accuracy(), others.lastExitAccuracy(), others.meanMacs(), others.reachable()),
                training,
                files);
    }
}
