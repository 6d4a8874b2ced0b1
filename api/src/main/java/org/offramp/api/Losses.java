package org.offramp.api;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** The losses that trainers share, as means over a batch. */
public final class Losses {
    private Losses() {}

    /**
     * The mean over the batch of −log softmax(z)[label], in nats.
     *
     * @param logits {@code (batch, K)}
     * @param labels {@code (batch)}, INT64
     * @return a scalar
     */
    public static NDArray crossEntropy(NDArray logits, NDArray labels) {
        int classes = Math.toIntExact(logits.getShape().get(1));
        NDArray chosen = logits.logSoftmax(1).mul(labels.oneHot(classes));
        return chosen.sum(new int[] {1}).mean().neg();
    }

    /**
     * The mean over the batch of −[w⁺ t log σ(z) + w⁻ (1 − t) log(1 − σ(z))], in nats, stable for large logits.
     *
     * @param logits {@code (batch, 1)}
     * @param targets {@code (batch, 1)}, 0 or 1, FLOAT32
     * @param positiveWeight w⁺
     * @param negativeWeight w⁻
     * @return a scalar
     */
    public static NDArray binaryCrossEntropy(
            NDArray logits, NDArray targets, double positiveWeight, double negativeWeight) {
        // −log σ(z) = softplus(−z) = max(−z, 0) + log(1 + exp(−|z|)); −log(1 − σ(z)) = softplus(z).
        NDArray soft = logits.abs().neg().exp().add(1f).log();
        NDArray right = logits.neg().maximum(0f).add(soft).mul(targets).mul((float) positiveWeight);
        NDArray wrong = logits.maximum(0f).add(soft).mul(targets.neg().add(1f)).mul((float) negativeWeight);
        return right.add(wrong).mean();
    }

    /**
     * The mean over the batch of KL(target ‖ given) between softmax distributions, in nats; no gradient flows into the target.
     *
     * @param target logits, {@code (batch, K)}
     * @param given logits, {@code (batch, K)}
     * @return a scalar
     */
    public static NDArray divergence(NDArray target, NDArray given) {
        NDArray fixed = target.stopGradient();
        NDArray difference = fixed.logSoftmax(1).sub(given.logSoftmax(1));
        return fixed.softmax(1).mul(difference).sum(new int[] {1}).mean();
    }

    /**
     * Whether each sample's most probable class is its label, {@code (batch, 1)}, FLOAT32.
     *
     * @param logits {@code (batch, K)}
     * @param labels {@code (batch)}, INT64
     */
    public static NDArray isRight(NDArray logits, NDArray labels) {
        return logits.argMax(1).eq(labels).toType(DataType.FLOAT32, false).expandDims(1);
    }
}
