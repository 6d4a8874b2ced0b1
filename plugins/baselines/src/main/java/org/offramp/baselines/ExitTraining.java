package org.offramp.baselines;

import java.util.List;
import java.util.Optional;
import org.offramp.api.Key;
import org.offramp.api.Optimization;
import org.offramp.api.Samples;
import org.offramp.api.TrainingSession;

/**
 * The keys of trainers that weigh the losses of several exits.
 *
 * @param epochs passes over the training samples
 * @param samples how many training samples
 * @param batchSize samples per step
 * @param weights how much every exit counts
 * @param exitWeights numbers that replace {@code weights}
 * @param optimization the update rule
 * @param patience epochs without a lower validation loss before training stops; 0 never stops
 */
public record ExitTraining(
        @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100_000)
        int epochs,

        @Key(value = "training samples, drawn at random; 0 for all", defaultValue = "0", min = 0)
        int samples,

        @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
        int batchSize,

        @Key(value = "how much every exit counts: uniform, linear or sdn", defaultValue = "uniform")
        ExitWeights weights,

        @Key(value = "one weight per trained exit, from the first on; replaces weights", min = 0)
        Optional<List<Double>> exitWeights,

        @Key(value = "how parameters are updated", defaultValue = "{}")
        Optimization optimization,

        @Key(
                value = "epochs without a lower validation loss before training stops; 0 never stops",
                defaultValue = "0",
                min = 0,
                max = 100_000)
        int patience) {
    /** Checks the numbers. */
    public ExitTraining {
        Epochs.require(epochs, batchSize, patience);
        exitWeights = exitWeights.map(List::copyOf);
        exitWeights.ifPresent(ExitTraining::requireWeights);
    }

    /** What is trained on. */
    Samples of(TrainingSession session) {
        return samples == 0 ? session.training() : session.training().draw(samples, session.random());
    }

    private static void requireWeights(List<Double> weights) {
        double sum = 0;
        for (double weight : weights) {
            if (!(weight >= 0)) {
                throw new IllegalArgumentException("exit-weights is " + weights + "; allowed are numbers >= 0");
            }
            sum += weight;
        }
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw new IllegalArgumentException(
                    "exit-weights is " + weights + "; allowed are finite numbers of which one is > 0");
        }
    }
}
