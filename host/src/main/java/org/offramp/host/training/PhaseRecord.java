package org.offramp.host.training;

import org.offramp.api.TrainingSession.PhaseReport;

/**
 * What a finished phase, selection or reduction cost and gave.
 *
 * @param name the trainer's place in the chain and the phase's name
 * @param samples the number of samples it worked on
 * @param epochs the epochs that ran; 1 for a selection or reduction
 * @param steps optimisation steps
 * @param macs MACs, forward and backward, validation passes included
 * @param trainingLoss the mean loss of the last epoch
 * @param validationLoss the validation loss of the epoch that was kept; 0 without early stopping
 * @param seconds wall-clock time
 * @param keptThrough the last of the frozen first stages whose outputs were computed once per sample; 0 where every epoch computed them
 * @param execution how the stages that gradients flow through ran: {@code op by op}, {@code compiled}, or which are which
 */
public record PhaseRecord(
        String name,
        int samples,
        int epochs,
        long steps,
        long macs,
        double trainingLoss,
        double validationLoss,
        double seconds,
        int keptThrough,
        String execution) {
    static final String OP_BY_OP = "op by op";

    PhaseReport report() {
        return new PhaseReport(epochs, trainingLoss, validationLoss, keptThrough);
    }
}
