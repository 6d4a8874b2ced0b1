package org.offramp.host.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.offramp.api.Backbone;
import org.offramp.api.Capability;
import org.offramp.api.Dataset;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfig.Calibrate;
import org.offramp.host.config.RunConfig.Strategy;
import org.offramp.host.data.TestPerturbation;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.network.Network;

/** Checks what can only be known once the dataset is open: whether every strategy fits its network. */
public final class Fit {
    private Fit() {}

    /**
     * Checks every strategy before anything is trained or written.
     *
     * @param config the configuration
     * @param dataset the dataset
     * @throws ConfigurationException with every problem: a backbone that does not take the samples, more exits than stages,
     *     thresholds or a static exit that do not fit, nothing that is trained
     */
    public static void check(RunConfig config, Dataset dataset) {
        List<String> problems = new ArrayList<>();
        for (Strategy strategy : config.strategies()) {
            try {
                Backbone backbone = strategy.backbone()
                        .create()
                        .apply(dataset.sampleShape(), dataset.classNames().size());
                check(strategy, backbone.stages().size())
                        .or(() -> tokens(backbone, dataset))
                        .ifPresent(misfit -> problems.add(
                                config.places().at(strategy.path() + "." + misfit.key(), misfit.problem())));
            } catch (IllegalArgumentException e) {
                problems.add(config.places().at(strategy.path() + ".backbone", String.valueOf(e.getMessage())));
            }
        }
        List<RunConfig.Perturbed> perturbations = config.robustness().perturbations();
        for (int i = 0; i < perturbations.size(); i++) {
            TestPerturbation.Kind kind = perturbations.get(i).kind();
            if (!kind.suits(dataset.sampleShape())) {
                problems.add(config.places()
                        .at(
                                "robustness.perturbations[" + i + "].kind",
                                kind.text() + " is for " + kind.samples() + "; the samples have the shape "
                                        + dataset.sampleShape()));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /**
     * Checks, before anything is trained, that the strategies can become bundles, which hold compiled stages.
     *
     * @param config the configuration
     * @param dataset the dataset; every strategy {@linkplain #check fits} it
     * @throws ConfigurationException if compiling is turned off, or a backbone has a stage that cannot be compiled
     */
    public static void checkBundles(RunConfig config, Dataset dataset) {
        List<String> problems = new ArrayList<>();
        if (!config.execution().compile()) {
            problems.add(config.places().at("execution.compile", "false; a bundle holds compiled stages"));
        }
        for (Strategy strategy : config.strategies()) {
            Backbone backbone = strategy.backbone()
                    .create()
                    .apply(dataset.sampleShape(), dataset.classNames().size());
            try (Network network =
                    Network.assemble(backbone, exits(strategy, backbone.stages().size()), 1)) {
                CompiledStages.refusals(network)
                        .forEach((exit, reason) -> problems.add(config.places()
                                .at(
                                        strategy.path() + ".backbone",
                                        "a bundle holds compiled stages, and what is before exit " + exit
                                                + " cannot be compiled: " + reason
                                                + "; such a backbone can be ranked (offramp leaderboard), not saved")));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** What does not fit, and the key that says so. */
    private record Misfit(String key, String problem) {}

    private static Optional<Misfit> tokens(Backbone backbone, Dataset dataset) {
        int known = backbone.tokenIds().orElse(Integer.MAX_VALUE);
        int given = dataset.tokenIds().orElse(0);
        return given <= known
                ? Optional.empty()
                : Optional.of(new Misfit(
                        "backbone",
                        "it knows " + known + " token ids, the dataset's vocabulary has " + given
                                + "; give both the same vocabulary, or the backbone a larger one"));
    }

    private static Optional<Misfit> check(Strategy strategy, int stages) {
        List<Integer> exits = exits(strategy, stages);
        if (!exits.isEmpty() && exits.get(exits.size() - 1) >= stages) {
            return Optional.of(new Misfit(
                    "backbone.exits",
                    exits + "; the backbone has " + stages + " stages, an early exit can be placed after stage 1 to "
                            + (stages - 1)));
        }
        int thresholds = strategy.calibrate()
                .flatMap(Calibrate::threshold)
                .map(List::size)
                .orElse(1);
        if (thresholds != 1 && thresholds != exits.size()) {
            return Optional.of(new Misfit(
                    "calibrate.threshold",
                    thresholds + " thresholds for " + exits.size() + " early exits; give one, or one each"));
        }
        int control = strategy.control().map(RunConfig.Control::exit).orElse(0);
        if (control > exits.size() + 1) {
            return Optional.of(
                    new Misfit("control.exit", control + "; the network has " + (exits.size() + 1) + " exits"));
        }
        if (strategy.trainers().isEmpty() && !strategy.backbone().capabilities().contains(Capability.PRETRAINED)) {
            return Optional.of(
                    new Misfit("trainers", "[]; a backbone that does not come pretrained needs at least one"));
        }
        return Optional.empty();
    }

    /**
     * The stages after which a strategy's early exits are.
     *
     * @param strategy the strategy
     * @param stages the backbone's number of stages
     */
    static List<Integer> exits(Strategy strategy, int stages) {
        return strategy.backbone()
                .exits()
                .orElseGet(() -> IntStream.range(1, stages).boxed().toList());
    }
}
