package org.offramp.api;

import ai.djl.ndarray.NDList;
import java.util.random.RandomGenerator;

/**
 * What the host lends to a trainer. The host gives every trainer, without a line of its own: progress, checkpoint and resume,
 * deterministic shuffling, MAC accounting, early stopping, and a clear error when the loss is not finite.
 *
 * <p>A killed run resumes by calling {@link ExitTrainer#train} again: phases and statistics that were finished return at once
 * with what they gave before. So a trainer does nothing whose effect does not follow from its configuration, the session's
 * answers and {@link #random()}.
 */
public interface TrainingSession {
    /** The network. */
    NetworkView network();

    /** The training samples. */
    Samples training();

    /** Samples kept out of training: for early stopping and for heads that learn where the network errs. */
    Samples validation();

    /**
     * The dataset's samples without labels; none where the configuration names none. They are for {@link Phase#withUnlabelled} only:
     * nothing that hands out labels takes them.
     */
    @Experimental("samples without labels are for losses only")
    Samples unlabelled();

    /** The trainer's only source of chance, seeded from the run's seed and the trainer's place in the chain. */
    RandomGenerator random();

    /**
     * Attaches a head, initialising its block where it is not. It replaces an earlier head of the same exit and output.
     *
     * @param head the head
     * @throws IllegalArgumentException if the exit does not exist, the last exit's logits are given, an input does not
     *     exist, or the output's width does not suit
     */
    void attach(Head head);

    /**
     * Takes a head away again, one that was needed during training only.
     *
     * @param exit the exit, counted from 1
     * @param output the output
     * @throws IllegalArgumentException if there is no such head, or another head reads it
     */
    @Experimental("a head that is only there during training")
    void detach(int exit, HeadOutput output);

    /**
     * Sets the parameters of a part to values that were not found by gradients, such as the centroids of clusters.
     *
     * @param part the part; a stage only where the trainer declares {@link Capability#TRAINS_BACKBONE}
     * @param values the values of all its trainable parameters, one parameter after the other, row by row
     * @throws IllegalArgumentException if the part has another number of values
     */
    @Experimental("parameters are one flat array")
    void set(Part part, float[] values);

    /**
     * Attaches the usual classifier head to every exit that has no logits: maps are averaged to at most 4 × 4 positions, sequences
     * to one, then a linear layer gives K logits.
     */
    void attachClassifiers();

    /**
     * Runs one phase.
     *
     * @param phase what to optimise
     * @return how it went
     * @throws TrainingException if the loss is not finite, there are no samples, the thread is interrupted, or a stage is trained
     *     by a trainer that does not declare {@link Capability#TRAINS_BACKBONE}
     */
    PhaseReport fit(Phase phase);

    /**
     * The samples that a predicate keeps, seen in inference mode without augmentation.
     *
     * @param samples the samples to choose from
     * @param throughExit the exit up to which evidence is computed
     * @param selector says for each sample of a batch whether it is kept
     */
    Samples select(Samples samples, int throughExit, Selector selector);

    /**
     * Passes over the samples once in inference mode, without gradients, in the split's order.
     *
     * @param samples the samples
     * @param throughExit the exit up to which the network runs
     * @param accumulator receives every batch
     */
    @Experimental("hands over the activations of every stage, wanted or not")
    void reduce(Samples samples, int throughExit, Accumulator accumulator);

    /**
     * Notes a figure of the trainer's own in the run record.
     *
     * @param name the figure's name with its unit, e.g. {@code samples/stage-2}
     * @param value a finite number
     */
    void report(String name, double value);

    /**
     * Tells the person who reads the run something that is not as wished, in one sentence: shown at once, kept in the record and shown
     * with the board.
     *
     * @param sentence what was met and what was done about it
     */
    void note(String sentence);

    /** Says of every sample of a batch whether it is kept. */
    @FunctionalInterface
    interface Selector {
        /**
         * Chooses.
         *
         * @param evidence the outputs up to the wanted exit
         * @param labels the true classes
         * @return one value per sample
         */
        boolean[] keep(Evidence evidence, int[] labels);
    }

    /** Receives activations batch by batch. */
    @Experimental("see reduce")
    @FunctionalInterface
    interface Accumulator {
        /**
         * Takes a batch in. The arrays are closed after the call.
         *
         * @param activations the activation after every stage up to the wanted exit, each {@code (batch, …)}
         * @param evidence the outputs up to the wanted exit
         * @param labels the true classes
         */
        void accept(NDList activations, Evidence evidence, int[] labels);
    }

    /**
     * How a phase went.
     *
     * @param epochs the epochs that ran
     * @param trainingLoss the mean loss of the last epoch
     * @param validationLoss the validation loss of the epoch that was kept; NaN-free, 0 where there was no early stopping
     * @param keptThrough the last of the frozen first stages whose outputs were computed once per sample instead of once per sample and
     *     epoch; 0 where every epoch computed them
     */
    @Experimental("may gain figures; read it, do not make it")
    record PhaseReport(int epochs, double trainingLoss, double validationLoss, int keptThrough) {}
}
