package org.offramp.host.metrics;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How good answers are, and how well their confidence and their scores say so. All are 0 for no samples.
 *
 * @param samples how many there are
 * @param accuracy the fraction that is right
 * @param confidence the mean probability of the predicted class
 * @param overConfidence confidence − accuracy
 * @param ece the expected calibration error over 15 bins of equal width
 * @param auroc the area under the ROC curve of the policy's score against right or wrong; null where all are right, or all wrong
 * @param aurc the area under the risk–coverage curve of the policy's score
 * @param nll the mean negative log-likelihood in nats, probabilities below 1e-12 counted as that
 * @param brier the mean Brier score, 0 … 2 (Brier 1950)
 * @param reliability the bins
 * @param riskCoverage points of the risk–coverage curve
 */
public record Figures(
        int samples,
        double accuracy,
        double confidence,
        double overConfidence,
        double ece,
        @Nullable Double auroc,
        double aurc,
        double nll,
        double brier,
        List<Reliability.Bin> reliability,
        List<RiskCoverage.Point> riskCoverage) {
    private static final double LEAST = 1e-12;

    /**
     * Of the given answers.
     *
     * @param answers the answers
     */
    public static Figures of(LabelledAnswers answers) {
        double all = Math.max(1, answers.size());
        double accuracy =
                IntStream.range(0, answers.size()).filter(answers::right).count() / all;
        double confidence = mean(answers.confidences());
        Reliability reliability = Reliability.of(answers);
        RiskCoverage risk = RiskCoverage.of(answers);
        OptionalDouble auroc = Auroc.of(answers).area();
        double nll = 0;
        for (float probability : answers.labelProbabilities()) {
            nll -= Math.log(Math.max(LEAST, probability));
        }
        return new Figures(
                answers.size(),
                accuracy,
                confidence,
                confidence - accuracy,
                reliability.ece(),
                auroc.isPresent() ? auroc.getAsDouble() : null,
                risk.area(),
                nll / all,
                mean(answers.brier()),
                reliability.bins(),
                risk.points());
    }

    private static double mean(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .average()
                .orElse(0);
    }
}
