package org.offramp.host.leaderboard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.metrics.Auroc;
import org.offramp.host.metrics.Confusion;
import org.offramp.host.metrics.LabelledAnswers;
import org.offramp.host.metrics.Outcomes;

/**
 * What a strategy answers to perturbed test samples with the thresholds that were sealed before.
 *
 * @param perturbation its kind
 * @param strength its strength
 * @param outcomes where samples left, and what was answered
 * @param confidences the probabilities of the answers given
 * @param backbone the most probable classes of the last exit's logits
 * @param predictions of exit 1 … N − 1, for all samples
 * @param scores of exit 1 … N − 1, for all samples
 */
record PerturbedSamples(
        String perturbation,
        double strength,
        Outcomes outcomes,
        float[] confidences,
        int[] backbone,
        List<int[]> predictions,
        List<float[]> scores) {
    private static final int COLUMNS = 8;

    static PerturbedSamples of(String perturbation, double strength, TestTrace trace, int[] exits) {
        LabelledAnswers taken = LabelledAnswers.taken(trace.exits(), exits);
        List<LabelledAnswers> early = trace.exits().subList(0, trace.exits().size() - 1);
        return new PerturbedSamples(
                perturbation,
                strength,
                new Outcomes(trace.labels(), exits, taken.predictions()),
                taken.confidences(),
                trace.backbone(),
                early.stream().map(LabelledAnswers::predictions).toList(),
                early.stream().map(LabelledAnswers::scores).toList());
    }

    private int exits() {
        return scores.size() + 1;
    }

    /** How well an early exit's score tells right from wrong. */
    Auroc auroc(int exit) {
        boolean[] right = new boolean[outcomes.size()];
        for (int i = 0; i < right.length; i++) {
            right[i] = predictions.get(exit - 1)[i] == outcomes.labels()[i];
        }
        return Auroc.of(scores.get(exit - 1), right);
    }

    /** Whether each sample left before the last exit. */
    double[] early() {
        return TestTrace.early(outcomes, exits());
    }

    /** Whether each sample left early with a wrong answer. */
    double[] wrongEarly() {
        return TestTrace.wrongEarly(outcomes, exits());
    }

    /**
     * What one threshold at all early exits gives where the perturbed samples cost so much on average, two neighbouring thresholds mixed:
     * errors of those that leave early, and those that leave early. No label is needed to find it.
     *
     * @param macs of leaving at exit 1 … N
     * @param budget mean MACs
     * @return nothing where leaving at the first exit always costs more
     */
    Optional<double[][]> atCost(List<Long> macs, double budget) {
        long[] cumulative = macs.stream().mapToLong(Long::longValue).toArray();
        double[] thresholds = thresholds();
        int low = 0;
        int high = thresholds.length - 1;
        if (at(thresholds[low]).meanMacs(cumulative) > budget) {
            return Optional.empty();
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (at(thresholds[middle]).meanMacs(cumulative) <= budget) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Outcomes lower = at(thresholds[low]);
        Outcomes higher = at(thresholds[high]);
        double cheaper = lower.meanMacs(cumulative);
        double dearer = higher.meanMacs(cumulative);
        double share = dearer > cheaper ? Math.min(1, (budget - cheaper) / (dearer - cheaper)) : 0;
        return Optional.of(new double[][] {
            mixed(TestTrace.wrongEarly(lower, exits()), TestTrace.wrongEarly(higher, exits()), share),
            mixed(TestTrace.early(lower, exits()), TestTrace.early(higher, exits()), share)
        });
    }

    private static double[] mixed(double[] lower, double[] higher, double share) {
        double[] mixed = new double[lower.length];
        Arrays.setAll(mixed, i -> (1 - share) * lower[i] + share * higher[i]);
        return mixed;
    }

    /** All scores, each once, and one above them. */
    private double[] thresholds() {
        return DoubleStream.concat(
                        scores.stream()
                                .flatMapToDouble(
                                        exit -> IntStream.range(0, exit.length).mapToDouble(i -> exit[i])),
                        DoubleStream.of(Double.POSITIVE_INFINITY))
                .sorted()
                .distinct()
                .toArray();
    }

    /** What one threshold at all early exits gives. */
    private Outcomes at(double threshold) {
        double[] thresholds = new double[exits() - 1];
        Arrays.fill(thresholds, threshold);
        int[] taken = ScoredTrace.exitsAt(scores.toArray(float[][]::new), thresholds, outcomes.size());
        int[] answers = IntStream.range(0, taken.length)
                .map(i -> taken[i] < exits() ? predictions.get(taken[i] - 1)[i] : backbone[i])
                .toArray();
        return new Outcomes(outcomes.labels(), taken, answers);
    }

    RunRecord.Robustness figures(RunRecord.Cost cost) {
        double macs = outcomes.meanMacs(
                cost.cumulative().stream().mapToLong(Long::longValue).toArray());
        int[] left = outcomes.leftAt(1, exits() - 1);
        double confidence =
                Arrays.stream(left).mapToDouble(i -> confidences[i]).average().orElse(0);
        double errors = TestTrace.confidentErrorRate(outcomes, exits());
        List<@Nullable Double> aurocs = new ArrayList<>();
        for (int exit = 1; exit < exits(); exit++) {
            var area = auroc(exit).area();
            aurocs.add(area.isPresent() ? area.getAsDouble() : null);
        }
        return new RunRecord.Robustness(
                perturbation,
                strength,
                outcomes.accuracy(),
                new Outcomes(outcomes.labels(), outcomes.exits(), backbone).accuracy(),
                Confusion.of(outcomes.labels(), outcomes.predictions()).macroF1(),
                macs,
                macs / cost.backbone(),
                outcomes.meanExit(),
                left.length / (double) Math.max(1, outcomes.size()),
                errors,
                left.length == 0 ? 0 : confidence - (1 - errors),
                aurocs);
    }

    /**
     * {@code robustness.csv.gz}: {@code perturbation,strength,id,label,exit,prediction,confidence,backbone}, then for each early exit n
     * {@code prediction_n,score_n}.
     */
    static byte[] csv(String[] ids, List<PerturbedSamples> all) {
        StringBuilder text = new StringBuilder("perturbation,strength,id,label,exit,prediction,confidence,backbone");
        for (int exit = 1; exit < all.get(0).exits(); exit++) {
            text.append(",prediction_").append(exit).append(",score_").append(exit);
        }
        text.append('\n');
        for (PerturbedSamples one : all) {
            for (int i = 0; i < ids.length; i++) {
                text.append(one.perturbation)
                        .append(',')
                        .append(one.strength)
                        .append(',')
                        .append(ids[i]);
                text.append(',')
                        .append(one.outcomes.labels()[i])
                        .append(',')
                        .append(one.outcomes.exits()[i]);
                text.append(',')
                        .append(one.outcomes.predictions()[i])
                        .append(',')
                        .append(one.confidences[i]);
                text.append(',').append(one.backbone[i]);
                for (int exit = 0; exit < one.scores.size(); exit++) {
                    text.append(',')
                            .append(one.predictions.get(exit)[i])
                            .append(',')
                            .append(one.scores.get(exit)[i]);
                }
                text.append('\n');
            }
        }
        return SampleFiles.compress(text);
    }

    /** The reverse of {@link #csv}, for files of some test samples and perturbations. */
    static List<PerturbedSamples> read(byte[] bytes, int samples, int perturbations) throws IOException {
        List<String[]> rows = SampleFiles.rows(RunRecordStore.ROBUSTNESS, bytes, samples * perturbations);
        return IntStream.range(0, perturbations)
                .mapToObj(i -> of(rows.subList(i * samples, (i + 1) * samples)))
                .toList();
    }

    private static PerturbedSamples of(List<String[]> rows) {
        String[] first = rows.get(0);
        List<int[]> predictions = new ArrayList<>();
        List<float[]> scores = new ArrayList<>();
        for (int column = COLUMNS; column < first.length; column += 2) {
            predictions.add(SampleFiles.integers(rows, column));
            scores.add(SampleFiles.floats(rows, column + 1));
        }
        return new PerturbedSamples(
                first[0],
                Double.parseDouble(first[1]),
                new Outcomes(
                        SampleFiles.integers(rows, 3), SampleFiles.integers(rows, 4), SampleFiles.integers(rows, 5)),
                SampleFiles.floats(rows, 6),
                SampleFiles.integers(rows, 7),
                predictions,
                scores);
    }
}
