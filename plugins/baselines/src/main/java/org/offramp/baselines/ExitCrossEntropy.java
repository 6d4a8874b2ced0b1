package org.offramp.baselines;

import ai.djl.ndarray.NDArray;
import java.util.function.DoubleUnaryOperator;
import org.offramp.api.ExitLoss;
import org.offramp.api.HeadOutput;

/** The weighted mean of the exits' cross entropies, {@code Σ w_n CE_n / Σ w_n}. */
final class ExitCrossEntropy {
    private ExitCrossEntropy() {}

    /**
     * The mean cross entropy of one exit over a batch.
     *
     * @param batch the batch
     * @param exit the exit
     */
    static NDArray at(ExitLoss.Batch batch, int exit) {
        NDArray logits = batch.output(exit, HeadOutput.LOGITS);
        int classes = (int) logits.getShape().get(1);
        return logits.logSoftmax(-1)
                .mul(batch.labels().oneHot(classes))
                .sum()
                .neg()
                .div(batch.size());
    }

    /**
     * A loss over the first exits.
     *
     * @param weights gives for each exit its weight as a function of progress; exits of weight 0 are not evaluated
     */
    static ExitLoss weighted(DoubleUnaryOperator[] weights) {
        return batch -> {
            double sum = 0;
            NDArray loss = null;
            for (int exit = 1; exit <= weights.length; exit++) {
                double weight = weights[exit - 1].applyAsDouble(batch.progress());
                if (weight > 0) {
                    NDArray term = at(batch, exit).mul(weight);
                    loss = loss == null ? term : loss.add(term);
                    sum += weight;
                }
            }
            if (loss == null) {
                throw new IllegalArgumentException("every exit's weight is 0");
            }
            return loss.div(sum);
        };
    }
}
