package org.offramp.api;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One run of the training loop: which parts are trained (everything else is frozen, BatchNorm statistics included), on which
 * samples, by which loss, for how long. Immutable; made with {@link #of} and the {@code with…} methods.
 *
 * @param name shown in progress and records, unique in a trainer
 * @param trainable the parts that change
 * @param samples what is trained on, not empty
 * @param loss the loss
 * @param throughExit the network runs up to this exit only
 * @param epochs passes over the samples
 * @param batchSize samples per step
 * @param optimization the update rule
 * @param patience stop after this many epochs without a lower validation loss and keep the best epoch; 0 runs all epochs and
 *     keeps the last
 * @param augmentation changes every training sample before it is used
 * @param perturbation makes a second, perturbed view of every batch for the loss
 * @param unlabelled samples without labels that go with every batch
 * @param keepFrozen whether what the stages before the first trained part give may be computed once per sample and kept on disk, where
 *     neither augmentation nor perturbation changes it from epoch to epoch
 */
public record Phase(
        String name,
        Set<Part> trainable,
        Samples samples,
        ExitLoss loss,
        int throughExit,
        int epochs,
        int batchSize,
        Optimization optimization,
        int patience,
        Optional<Perturbation> augmentation,
        Optional<Perturbation> perturbation,
        Optional<Unlabelled> unlabelled,
        boolean keepFrozen) {
    /**
     * Samples without labels that go with every batch, in an order of their own; when all were seen they begin anew.
     *
     * @param samples the samples, not empty
     * @param perStep how many go with a batch
     */
    @Experimental("samples without labels are for losses only")
    public record Unlabelled(Samples samples, int perStep) {
        /** Checks the numbers. */
        public Unlabelled {
            if (samples.size() == 0 || perStep < 1) {
                throw new IllegalArgumentException(
                        perStep + " of " + samples.size() + " unlabelled samples a step; allowed are numbers >= 1");
            }
        }
    }

    /** Checks the numbers. */
    @Experimental("a phase may gain parts; use of() and the with…() methods")
    public Phase {
        trainable = Set.copyOf(new LinkedHashSet<>(trainable));
        if (trainable.isEmpty()) {
            throw new IllegalArgumentException("phase '" + name + "' trains nothing");
        }
        if (epochs < 1 || batchSize < 1 || patience < 0 || throughExit < 1) {
            throw new IllegalArgumentException("phase '" + name + "': epochs " + epochs + ", batch size " + batchSize
                    + ", patience " + patience + ", through exit " + throughExit);
        }
    }

    /**
     * A phase with the default optimisation, no early stopping, no augmentation, no perturbation and no unlabelled samples,
     * that keeps what frozen stages give.
     *
     * @param name shown in progress and records
     * @param trainable the parts that change
     * @param samples what is trained on
     * @param loss the loss
     * @param throughExit the network runs up to this exit only
     * @param epochs passes over the samples
     * @param batchSize samples per step
     */
    public static Phase of(
            String name,
            Set<Part> trainable,
            Samples samples,
            ExitLoss loss,
            int throughExit,
            int epochs,
            int batchSize) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                Optimization.DEFAULT,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true);
    }

    /**
     * The same phase with another update rule.
     *
     * @param other the rule
     */
    public Phase withOptimization(Optimization other) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                other,
                patience,
                augmentation,
                perturbation,
                unlabelled,
                keepFrozen);
    }

    /**
     * The same phase with early stopping on the validation loss.
     *
     * @param other epochs without improvement before it stops
     */
    public Phase withPatience(int other) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                optimization,
                other,
                augmentation,
                perturbation,
                unlabelled,
                keepFrozen);
    }

    /**
     * The same phase with augmented training samples.
     *
     * @param other changes a sample
     */
    public Phase withAugmentation(Perturbation other) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                optimization,
                patience,
                Optional.of(other),
                perturbation,
                unlabelled,
                keepFrozen);
    }

    /**
     * The same phase with a second, perturbed view of every batch.
     *
     * @param other makes the view
     */
    public Phase withPerturbation(Perturbation other) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                optimization,
                patience,
                augmentation,
                Optional.of(other),
                unlabelled,
                keepFrozen);
    }

    /**
     * The same phase with unlabelled samples beside every batch.
     *
     * @param others samples without labels, not empty
     * @param perStep how many go with a batch
     */
    @Experimental("samples without labels are for losses only")
    public Phase withUnlabelled(Samples others, int perStep) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                optimization,
                patience,
                augmentation,
                perturbation,
                Optional.of(new Unlabelled(others, perStep)),
                keepFrozen);
    }

    /**
     * The same phase, with what frozen stages give computed anew in every epoch or not.
     *
     * @param other whether it may be kept
     */
    public Phase withKeepFrozen(boolean other) {
        return new Phase(
                name,
                trainable,
                samples,
                loss,
                throughExit,
                epochs,
                batchSize,
                optimization,
                patience,
                augmentation,
                perturbation,
                unlabelled,
                other);
    }
}
