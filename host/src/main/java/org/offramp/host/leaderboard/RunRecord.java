package org.offramp.host.leaderboard;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one strategy gave with one seed: everything but wall-clock times, so that the same configuration, seed and thread count give
 * the same bytes.
 *
 * @param format the format's version
 * @param strategy the strategy's name
 * @param seed the seed
 * @param control the control's name, or {@code none}
 * @param ranked whether it takes part in the ranking
 * @param configuration the strategy's section, the data and the splits, with defaults filled in
 * @param versions of Offramp, the SPI, DJL, the engine and the plugins
 * @param hashes of the splits and of the samples file
 * @param sizes of the splits
 * @param cost the MACs
 * @param calibration the sealed thresholds; null for a control
 * @param test the figures on the test split
 * @param training what training cost
 * @param checks what was compared
 */
public record RunRecord(
        int format,
        String strategy,
        long seed,
        String control,
        boolean ranked,
        JsonNode configuration,
        SortedMap<String, String> versions,
        SortedMap<String, String> hashes,
        SortedMap<String, Integer> sizes,
        Cost cost,
        @Nullable Calibration calibration,
        Test test,
        Training training,
        Checks checks) {
    /**
     * MACs per sample.
     *
     * @param backbone of the plain backbone
     * @param stages of each stage
     * @param heads of each exit's heads
     * @param cumulative of a sample that leaves at each exit, evaluated heads included
     */
    public record Cost(long backbone, List<Long> stages, List<Long> heads, List<Long> cumulative) {}

    /**
     * The sealed thresholds and what they gave on the calibration split.
     *
     * @param goal the goal
     * @param search global, per-exit, random-hull or dynamic
     * @param thresholds one per early exit; {@code inf} never leaves
     * @param accuracy with them
     * @param lastExitAccuracy without leaving early
     * @param macsFraction of the backbone's MACs
     * @param reachable whether the goal could be reached
     * @param policyState what a fitted policy learned
     */
    public record Calibration(
            String goal,
            String search,
            List<String> thresholds,
            double accuracy,
            double lastExitAccuracy,
            double macsFraction,
            boolean reachable,
            Map<String, double[]> policyState) {}

    /**
     * Figures on the test split.
     *
     * @param accuracy the fraction answered rightly
     * @param accuracyInterval Wilson's 95 % interval
     * @param lastExitAccuracy without leaving early
     * @param promise {@code kept}, {@code missed} or {@code none}
     * @param meanMacs per sample
     * @param macsFraction of the backbone's MACs
     * @param meanExit counted from 1
     * @param exitRates fraction of samples that left at each exit
     * @param exitAccuracy accuracy of each exit over all samples
     * @param leavingAccuracy accuracy among the samples that left at each exit
     * @param accuracyAt accuracy at fractions of the backbone's MACs, thresholds chosen on calibration; null where out of reach
     * @param curve points of the accuracy–MACs curve, thresholds chosen on calibration
     */
    public record Test(
            double accuracy,
            double[] accuracyInterval,
            double lastExitAccuracy,
            String promise,
            double meanMacs,
            double macsFraction,
            double meanExit,
            double[] exitRates,
            double[] exitAccuracy,
            double[] leavingAccuracy,
            SortedMap<String, @Nullable Double> accuracyAt,
            List<Point> curve) {}

    /**
     * A point of the accuracy–MACs curve.
     *
     * @param macsFraction of the backbone's MACs
     * @param accuracy on the test split
     */
    public record Point(double macsFraction, double accuracy) {}

    /**
     * What training cost.
     *
     * @param macs all MACs, forward and backward
     * @param steps optimisation steps
     * @param phases name, samples and epochs of each phase
     * @param figures what the trainers reported
     * @param notes what the trainers noted for whoever reads the run
     */
    public record Training(
            long macs, long steps, List<Phase> phases, SortedMap<String, Double> figures, List<String> notes) {}

    /**
     * A phase.
     *
     * @param name the trainer's and the phase's name
     * @param samples the samples it worked on
     * @param epochs the epochs that ran
     * @param macs its MACs
     * @param loss the mean training loss of its last epoch
     */
    public record Phase(String name, int samples, int epochs, long macs, double loss) {}

    /**
     * What was compared: every test sample was answered with real early exits and simulated from the trace.
     *
     * @param liveEqualsSimulated samples with the same exit and class
     * @param borderline samples whose score is within 1e-5 of a threshold and whose exit therefore differs
     */
    public record Checks(int liveEqualsSimulated, int borderline) {}
}
