package org.offramp.baselines;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.offramp.api.Capability;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.NetworkView;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;

/** Trains backbone and heads together by the weighted sum of the exits' cross entropies (BranchyNet 2016, eq. 1; SDN 2019). */
final class JointTrainer implements TrainerFactory<JointTrainer.Config> {
    /** How the exits are weighted. */
    enum Weights {
        /** Every exit 1. */
        UNIFORM,
        /** Exit n has weight n (PABEE 2020). */
        LINEAR,
        /** Early exits grow from 0.01 to their share of the MACs, the last has 1 (SDN 2019, §4.2). */
        SDN
    }

    record Config(
            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65536)
            int batchSize,

            @Key(
                    value = "uniform, linear (exit n has weight n) or sdn (grow to the exit's share of MACs)",
                    defaultValue = "uniform")
            Weights weights,

            @Key(value = "one weight per exit, the last included; instead of weights", min = 0, max = 1000)
            Optional<List<Double>> exitWeights,

            @Key(
                    value = "stop after this many epochs without a lower validation loss; 0 runs all",
                    defaultValue = "0",
                    min = 0,
                    max = 100000)
            int patience,

            @Key(value = "the update rule", defaultValue = "{}")
            Optimization optimization) {}

    @Override
    public String name() {
        return "joint";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.TRAINS_BACKBONE);
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Named("joint", config, session -> {
            session.attachClassifiers();
            int exits = session.network().exits();
            Set<Part> parts = new LinkedHashSet<>();
            for (int exit = 1; exit <= exits; exit++) {
                parts.add(new Part.OfStage(exit));
                if (exit < exits) {
                    parts.add(new Part.OfHead(exit, HeadOutput.LOGITS));
                }
            }
            session.fit(Phase.of(
                            "all-exits",
                            parts,
                            session.training(),
                            ExitCrossEntropy.weighted(weights(config, session.network())),
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience()));
        });
    }

    static DoubleUnaryOperator[] weights(Config config, NetworkView network) {
        int exits = network.exits();
        List<Double> given = config.exitWeights().orElse(List.of());
        if (!given.isEmpty() && given.size() != exits) {
            throw new TrainingException(
                    "exit-weights: " + given.size() + " weights for " + exits + " exits, the last one included");
        }
        double whole =
                IntStream.rangeClosed(1, exits).mapToLong(network::stageMacs).sum();
        DoubleUnaryOperator[] weights = new DoubleUnaryOperator[exits];
        double macs = 0;
        for (int exit = 1; exit <= exits; exit++) {
            macs += network.stageMacs(exit);
            double share = macs / whole;
            int number = exit;
            weights[exit - 1] = !given.isEmpty()
                    ? progress -> given.get(number - 1)
                    : switch (config.weights()) {
                        case UNIFORM -> progress -> 1;
                        case LINEAR -> progress -> number;
                        case SDN -> progress -> number == exits ? 1 : Math.min(share, 0.01 + progress * share);
                    };
        }
        return weights;
    }
}
