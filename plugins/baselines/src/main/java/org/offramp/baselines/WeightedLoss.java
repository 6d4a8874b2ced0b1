package org.offramp.baselines;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.offramp.api.ExitLoss;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.NetworkView;
import org.offramp.api.TrainingException;

/**
 * Σ w_n CE_n / Σ w_n over exits 1 … {@code exits} (BranchyNet, Teerapittayanon et al. 2016, with the weights scaled
 * to sum 1, so that the learning rate means the same for any weights).
 *
 * @param exits the exits that count
 * @param weights how much each counts
 * @param given numbers that replace {@code weights}
 * @param shares for every exit of the network the share of the backbone's MACs up to it
 */
record WeightedLoss(int exits, ExitWeights weights, Optional<List<Double>> given, double[] shares) implements ExitLoss {
    /**
     * The loss of a trainer's configuration.
     *
     * @throws TrainingException if there is another number of weights than of trained exits
     */
    static WeightedLoss of(ExitTraining config, NetworkView network, int exits) {
        config.exitWeights().ifPresent(given -> {
            if (given.size() != exits) {
                throw new TrainingException(
                        "exit-weights has " + given.size() + " numbers " + given + "; this trainer trains " + exits
                                + " exits of a network of " + network.exits() + ": give " + exits + " numbers");
            }
        });
        long[] stageMacs = IntStream.rangeClosed(1, network.exits())
                .mapToLong(network::stageMacs)
                .toArray();
        return new WeightedLoss(exits, config.weights(), config.exitWeights(), ExitWeights.shares(stageMacs));
    }

    @Override
    public NDArray of(Batch batch) {
        double[] normalized = normalized(batch.progress());
        NDArray loss = term(batch, 1, normalized[0]);
        for (int exit = 2; exit <= exits; exit++) {
            loss = loss.add(term(batch, exit, normalized[exit - 1]));
        }
        return loss;
    }

    private static NDArray term(Batch batch, int exit, double weight) {
        return Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels())
                .mul((float) weight);
    }

    /** The weights of exits 1 … {@code exits}, scaled to sum 1. */
    double[] normalized(double progress) {
        double[] all = weights.at(shares, progress);
        double[] chosen = IntStream.range(0, exits)
                .mapToDouble(n -> given.map(list -> list.get(n)).orElse(all[n]))
                .toArray();
        double sum = IntStream.range(0, exits).mapToDouble(n -> chosen[n]).sum();
        return IntStream.range(0, exits).mapToDouble(n -> chosen[n] / sum).toArray();
    }
}
