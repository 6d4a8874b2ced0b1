package org.offramp.consistentexit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Perturbation;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code consistent-exit}: L = Σ_m w_m CE(y, p_m(x)) + λ(t) Σ_m w_m D(p_m(x), p_m(x̃)) over the exits m, with x̃ a perturbed view of x; both
 * views go through the network in one pass (Saeed 2021; faithful to the published abstract). Unlabelled samples may join the second
 * term. λ = 0 is joint training, bit for bit.
 */
public final class ConsistentExitTraining implements TrainerFactory<ConsistentExitTraining.Config> {
    /** What D is. */
    public enum Consistency {
        /** KL(stopgrad p_m(x) ‖ p_m(x̃)). */
        KL,
        /** The cross entropy of p_m(x̃) with the most probable class of p_m(x), where that is confident enough. */
        PSEUDO,
        /** ‖stopgrad p_m(x) − p_m(x̃)‖². */
        MSE,
        /** KL(stopgrad p_N(x) ‖ p_m(x̃)): the last exit teaches. */
        LAST,
        /** ½ KL(p_m(x) ‖ p_m(x̃)) + ½ KL(p_m(x̃) ‖ p_m(x)), gradients through both. */
        SYMMETRIC,
        /** CE(y, p_m(x̃)): no consistency at all but plain augmentation, the control that matters. */
        AUGMENTATION
    }

    /**
     * The keys of {@code consistent-exit}.
     *
     * @param consistency what D is
     * @param lambda λ after the warm-up
     * @param warmUp the fraction of the training over which λ rises from 0
     * @param confidenceMask of {@code pseudo}: the least probability of the class on clean input
     * @param temperature divides the target's logits
     * @param perturb the perturbations, one after the other
     * @param unlabelled unlabelled samples per step that join the consistency loss
     * @param exitWeights w of every exit, scaled to sum 1; by default all the same
     * @param epochs passes over the training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     * @param patience epochs without a lower validation loss before training stops; 0 never stops
     */
    public record Config(
            @Key(value = "kl, pseudo, mse, last, symmetric or augmentation", defaultValue = "kl")
            Consistency consistency,

            @Key(value = "weight of the consistency loss after the warm-up", defaultValue = "1.0", min = 0, max = 1000)
            double lambda,

            @Key(
                    value = "fraction of the training over which lambda rises from 0",
                    defaultValue = "0.1",
                    min = 0,
                    max = 1)
            double warmUp,

            @Key(
                    value = "of pseudo: least probability of the class on clean input",
                    defaultValue = "0.0",
                    min = 0,
                    max = 1)
            double confidenceMask,

            @Key(value = "divides the target's logits", defaultValue = "1.0", min = 0.01, max = 100)
            double temperature,

            @Key(value = "the perturbations, one after the other", defaultValue = "[]")
            List<Perturb> perturb,

            @Key(
                    value = "samples of data.unlabelled per step that join the consistency loss; 0 for none",
                    defaultValue = "0",
                    min = 0,
                    max = 65_536)
            int unlabelled,

            @Key(value = "one weight per exit, from the first on; by default all the same", min = 0)
            Optional<List<Double>> exitWeights,

            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100_000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization,

            @Key(
                    value = "epochs without a lower validation loss before training stops; 0 never stops",
                    defaultValue = "0",
                    min = 0,
                    max = 100_000)
            int patience) {
        /** Copies the lists and checks the weights. */
        public Config {
            perturb = List.copyOf(perturb);
            if (unlabelled > 0 && consistency == Consistency.AUGMENTATION) {
                throw new IllegalArgumentException("unlabelled is " + unlabelled
                        + "; consistency: augmentation needs labels, so it goes with unlabelled: 0 only");
            }
            exitWeights = exitWeights.map(List::copyOf);
            exitWeights.ifPresent(weights -> {
                double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
                if (!(sum > 0) || Double.isInfinite(sum)) {
                    throw new IllegalArgumentException(
                            "exit-weights is " + weights + "; allowed are finite numbers of which one is > 0");
                }
            });
        }
    }

    @Override
    public String name() {
        return "consistent-exit";
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
        return new ConsistentExit(config);
    }

    private record ConsistentExit(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            int exits = session.network().exits();
            Set<Part> parts = Part.stages(1, exits);
            parts.addAll(Part.heads(HeadOutput.LOGITS, 1, exits - 1));
            Phase phase = Phase.of(
                            "consistent-exit",
                            parts,
                            session.training(),
                            this::loss,
                            exits,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withPatience(config.patience());
            if (config.lambda() == 0) {
                session.fit(phase);
                return;
            }
            phase = phase.withPerturbation(view(session.network().inputShape()));
            session.fit(
                    config.unlabelled() == 0 ? phase : phase.withUnlabelled(unlabelled(session), config.unlabelled()));
        }

        private Samples unlabelled(TrainingSession session) {
            if (session.unlabelled().size() == 0) {
                throw new TrainingException("consistent-exit: unlabelled is " + config.unlabelled()
                        + ", but the dataset has no unlabelled samples; name them with data.unlabelled");
            }
            return session.unlabelled();
        }

        private Perturbation view(Shape shape) {
            Perturbation all = (values, given, random) -> {};
            for (Perturb each : config.perturb()) {
                all = all.then(each.perturbation(shape));
            }
            return all;
        }

        /** w_m, scaled to sum 1. */
        private double[] weights(int exits) {
            List<Double> given = config.exitWeights().orElseGet(() -> Collections.nCopies(exits, 1.0));
            if (given.size() != exits) {
                throw new TrainingException("exit-weights has " + given.size() + " numbers " + given
                        + "; the network has " + exits + " exits: give " + exits + " numbers");
            }
            double sum = given.stream().mapToDouble(Double::doubleValue).sum();
            return given.stream().mapToDouble(weight -> weight / sum).toArray();
        }

        private NDArray loss(ExitLoss.Batch batch) {
            double[] weights = weights(batch.exits());
            NDArray loss = supervised(batch, 1).mul((float) weights[0]);
            for (int exit = 2; exit <= batch.exits(); exit++) {
                loss = loss.add(supervised(batch, exit).mul((float) weights[exit - 1]));
            }
            if (config.lambda() == 0) {
                return loss;
            }
            double warm = config.warmUp() == 0 ? 1 : Math.min(1, batch.progress() / config.warmUp());
            for (int exit = 1; exit <= batch.exits(); exit++) {
                double weight = config.lambda() * warm * weights[exit - 1];
                loss = loss.add(consistency(batch, exit).mul((float) weight));
            }
            return loss;
        }

        private static NDArray supervised(ExitLoss.Batch batch, int exit) {
            return Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels());
        }

        private NDArray consistency(ExitLoss.Batch batch, int exit) {
            NDArray clean = clean(batch, exit);
            NDArray perturbed = perturbed(batch, exit);
            return switch (config.consistency()) {
                case KL -> Losses.divergence(target(clean), perturbed);
                case LAST -> Losses.divergence(target(clean(batch, batch.exits())), perturbed);
                case MSE ->
                    target(clean)
                            .stopGradient()
                            .softmax(1)
                            .sub(perturbed.softmax(1))
                            .square()
                            .sum(new int[] {1})
                            .mean();
                case SYMMETRIC -> symmetric(clean, perturbed);
                case PSEUDO -> pseudo(clean.stopGradient(), perturbed);
                case AUGMENTATION -> Losses.crossEntropy(perturbed, batch.labels());
            };
        }

        /** p_m(x) of the labelled samples and of the unlabelled ones. */
        private static NDArray clean(ExitLoss.Batch batch, int exit) {
            NDArray labelled = batch.output(exit, HeadOutput.LOGITS);
            return batch.unlabelled() == 0
                    ? labelled
                    : labelled.concat(batch.unlabelledOutput(exit, HeadOutput.LOGITS), 0);
        }

        /** p_m(x̃) of the same samples in the same order. */
        private static NDArray perturbed(ExitLoss.Batch batch, int exit) {
            NDArray labelled = batch.perturbedOutput(exit, HeadOutput.LOGITS);
            return batch.unlabelled() == 0
                    ? labelled
                    : labelled.concat(batch.perturbedUnlabelledOutput(exit, HeadOutput.LOGITS), 0);
        }

        private NDArray target(NDArray logits) {
            return config.temperature() == 1 ? logits : logits.div((float) config.temperature());
        }

        private static NDArray symmetric(NDArray p, NDArray q) {
            NDArray difference = p.logSoftmax(1).sub(q.logSoftmax(1));
            return p.softmax(1)
                    .sub(q.softmax(1))
                    .mul(difference)
                    .sum(new int[] {1})
                    .mean()
                    .mul(0.5f);
        }

        private NDArray pseudo(NDArray clean, NDArray perturbed) {
            NDArray probabilities = clean.softmax(1);
            int classes = Math.toIntExact(clean.getShape().get(1));
            NDArray confident = probabilities
                    .max(new int[] {1})
                    .gte((float) config.confidenceMask())
                    .toType(DataType.FLOAT32, false);
            return perturbed
                    .logSoftmax(1)
                    .mul(clean.argMax(1).oneHot(classes))
                    .sum(new int[] {1})
                    .mul(confident)
                    .mean()
                    .neg();
        }
    }
}
