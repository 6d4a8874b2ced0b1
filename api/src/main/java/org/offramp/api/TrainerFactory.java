package org.offramp.api;

/**
 * Makes trainers.
 *
 * @param <C> the configuration record
 */
public non-sealed interface TrainerFactory<C extends Record> extends ComponentFactory<C> {
    /**
     * Makes a trainer.
     *
     * @param config the bound configuration
     * @return a trainer whose {@code toString} shows its hyper-parameters
     */
    ExitTrainer create(C config);
}
