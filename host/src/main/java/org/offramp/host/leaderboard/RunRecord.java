package org.offramp.host.leaderboard;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.offramp.host.metrics.Figures;
import org.offramp.host.metrics.Overthinking;

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
 * @param hashes of the splits and of the files beside the record
 * @param sizes of the splits
 * @param cost the MACs
 * @param calibration the sealed thresholds; null for a control
 * @param test the figures on the test split
 * @param robustness the same on perturbed test inputs, with the same thresholds
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
        List<Robustness> robustness,
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
     * @param lastExitAccuracy the backbone's own, without leaving early
     * @param promise {@code kept}, {@code missed} or {@code none}
     * @param meanMacs per sample
     * @param macsFraction of the backbone's MACs
     * @param meanExit counted from 1
     * @param exitRates fraction of samples that left at each exit
     * @param macroF1 the mean of the classes' F1
     * @param balancedAccuracy the mean of the classes' recall
     * @param kappa Cohen's
     * @param answered figures of the answers given, each at the exit taken
     * @param leftEarly figures of those that left before the last exit; 1 − accuracy is the confident-error rate
     * @param exits figures of each exit
     * @param overthinking what leaving too late or too early cost
     * @param accuracyAt the point for a budget of 25, 50, 75, 100 % of the backbone's MACs; null where out of reach on calibration
     * @param curve points of the accuracy–MACs curve, by MACs
     * @param budgetedBatch points of MSDNet's budgeted batch classification, by MACs
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
            double macroF1,
            double balancedAccuracy,
            double kappa,
            Figures answered,
            Figures leftEarly,
            List<Exit> exits,
            Overthinking overthinking,
            SortedMap<String, @Nullable Point> accuracyAt,
            List<Point> curve,
            List<Point> budgetedBatch) {}

    /**
     * Figures of one exit on the test split.
     *
     * @param all of its answers to all samples, whether they reached it or not
     * @param left of its answers to those that left there
     */
    public record Exit(Figures all, Figures left) {}

    /**
     * Figures on perturbed test inputs.
     *
     * @param perturbation its kind
     * @param strength its strength
     * @param accuracy the fraction answered rightly
     * @param lastExitAccuracy the backbone's own, without leaving early
     * @param macroF1 the mean of the classes' F1
     * @param meanMacs per sample
     * @param macsFraction of the backbone's MACs
     * @param meanExit counted from 1
     * @param leftEarly the fraction of samples that left before the last exit
     * @param confidentErrorRate the fraction that is wrong of those; 0 for none
     * @param overConfidence their mean confidence − accuracy; 0 for none
     * @param auroc of the score of each early exit against right or wrong, over all samples; null where all are right, or all wrong
     */
    public record Robustness(
            String perturbation,
            double strength,
            double accuracy,
            double lastExitAccuracy,
            double macroF1,
            double meanMacs,
            double macsFraction,
            double meanExit,
            double leftEarly,
            double confidentErrorRate,
            double overConfidence,
            List<@Nullable Double> auroc) {}

    /**
     * A point of the accuracy–MACs curve.
     *
     * @param macsFraction of the backbone's MACs, on the test split
     * @param accuracy on the test split
     * @param confidentErrorRate the fraction that is wrong of those that left early; 0 for none
     * @param thresholds chosen on the calibration split for a budget
     */
    public record Point(double macsFraction, double accuracy, double confidentErrorRate, List<String> thresholds) {}

    /**
     * Thresholds as they are written: {@code inf} never leaves.
     *
     * @param thresholds one per early exit
     */
    static List<String> written(double[] thresholds) {
        return Arrays.stream(thresholds)
                .mapToObj(value -> Double.isInfinite(value) ? "inf" : String.valueOf(value))
                .toList();
    }

    /**
     * The reverse of {@link #written}.
     *
     * @param thresholds as they are written
     */
    static double[] read(List<String> thresholds) {
        return thresholds.stream()
                .mapToDouble(text -> text.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text))
                .toArray();
    }

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
