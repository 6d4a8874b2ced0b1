package org.offramp.baselines;

import ai.djl.ndarray.NDArray;

/** The loss of all trainers here. */
final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * The mean over the batch of −log softmax(z)[label], in nats.
     *
     * @param logits {@code (batch, K)}
     * @param labels {@code (batch)}, INT64
     * @return a scalar
     */
    static NDArray mean(NDArray logits, NDArray labels) {
        int classes = Math.toIntExact(logits.getShape().get(1));
        NDArray chosen = logits.logSoftmax(1).mul(labels.oneHot(classes));
        return chosen.sum(new int[] {1}).mean().neg();
    }
}
