package org.offramp.api;

/**
 * Makes the heads and, if it says so ({@link Capability#TRAINS_BACKBONE}), the backbone. A trainer says what to optimise; the
 * host runs the loop. Trainers chain: a later one finds the heads and parameters that the earlier ones left.
 *
 * <p>A trainer must leave logits at every exit, or find them there. All chance comes from {@link TrainingSession#random()}.
 */
@FunctionalInterface
public interface ExitTrainer {
    /**
     * Trains.
     *
     * @param session what the host lends
     * @throws TrainingException if the samples do not suit, e.g. a class has none
     */
    void train(TrainingSession session);
}
