package org.offramp.commitment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.NetworkView;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Perturbation;
import org.offramp.api.Perturbations;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code commitment}, after a trainer of classifiers: a gate at every early exit that learns whether this exit's answer is right, on samples
 * that did not leave before. Everything else is frozen.
 */
public final class CommitmentTraining implements TrainerFactory<CommitmentTraining.Config> {
    /** What a gate sees. */
    public enum Input {
        /** The mean of the activation over its positions. */
        FEATURES,
        /** The exit's logits. */
        LOGITS,
        /** The exit's probabilities and their shape, whatever the class: log odds of the greatest, entropy, power sums. */
        PROBABILITIES,
        /** Both the features and the probabilities. */
        FEATURES_AND_PROBABILITIES
    }

    /** When a gate should commit. */
    public enum Target {
        /** Where the exit is right. */
        RIGHT,
        /** Where the exit is right, or the last exit is wrong too, so that nothing is lost by leaving. */
        NOT_WORSE
    }

    /** What a gate is trained on. */
    public enum Data {
        /** The validation samples, which no classifier was trained on. */
        HOLDOUT,
        /** The training samples: a well-fitted classifier makes hardly an error there, and the gate learns to say yes. */
        TRAIN,
        /** The training samples under perturbations, then the validation samples under them. */
        AUGMENTED
    }

    /**
     * The keys of {@code commitment}.
     *
     * @param input what a gate sees
     * @param target when a gate should commit
     * @param earlierExits how many of the nearest earlier exits' logits it sees too
     * @param fromConfidence whether the gate learns a correction to the log odds of the exit's own confidence
     * @param hidden units of a hidden layer; 0 for none
     * @param data what a gate is trained on
     * @param noise greatest standard deviation of noise on a gate's training samples, in units of the normalised input
     * @param blur greatest standard deviation of a blur of them, in pixels
     * @param occlusion greatest side of a square set to 0, as a fraction of the shorter side
     * @param drop greatest probability with which each of their pixels is set to 0
     * @param confidence a sample counts as gone where an earlier exit gave a class this probability
     * @param epochs passes over the samples
     * @param batchSize samples per step
     * @param optimization the update rule
     */
    public record Config(
            @Key(
                    value = "what a gate sees: features, logits, probabilities or features-and-probabilities",
                    defaultValue = "features-and-probabilities")
            Input input,

            @Key(
                    value =
                            "when a gate should commit: right (the exit is right) or not-worse (it is, or the last exit is wrong too)",
                    defaultValue = "right")
            Target target,

            @Key(
                    value = "how many of the nearest earlier exits' logits a gate sees too",
                    defaultValue = "2",
                    min = 0,
                    max = 100)
            int earlierExits,

            @Key(
                    value = "whether a gate learns a correction to the log odds of the exit's own confidence",
                    defaultValue = "true")
            boolean fromConfidence,

            @Key(value = "units of a hidden layer; 0 for none", defaultValue = "0", min = 0, max = 65_536)
            int hidden,

            @Key(value = "what a gate is trained on: holdout, train or augmented", defaultValue = "holdout")
            Data data,

            @Key(
                    value =
                            "greatest standard deviation of noise on a gate's training samples; 1 with augmented where no perturbation is given",
                    defaultValue = "0.0",
                    min = 0,
                    max = 100)
            double noise,

            @Key(
                    value = "greatest standard deviation of a blur of a gate's training images, in pixels",
                    defaultValue = "0.0",
                    min = 0,
                    max = 100)
            double blur,

            @Key(
                    value = "greatest side of a square of a gate's training images set to 0, of the shorter side",
                    defaultValue = "0.0",
                    min = 0,
                    max = 1)
            double occlusion,

            @Key(
                    value = "greatest probability with which each pixel of a gate's training images is set to 0",
                    defaultValue = "0.0",
                    min = 0,
                    max = 1)
            double drop,

            @Key(
                    value = "a sample counts as gone where an earlier exit gave a class this probability",
                    defaultValue = "0.9",
                    min = 0,
                    max = 1)
            double confidence,

            @Key(value = "passes over the samples", defaultValue = "20", min = 1, max = 100_000)
            int epochs,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{weight-decay: 0.001}")
            Optimization optimization) {}

    private static final double AUGMENTED_NOISE = 1;
    private static final int IMAGE = 3;

    @Override
    public String name() {
        return "commitment";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Commitment(config);
    }

    private record Commitment(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            List<Samples> under = switch (config.data()) {
                case HOLDOUT -> List.of(session.validation());
                case TRAIN -> List.of(session.training());
                case AUGMENTED -> List.of(session.training(), session.validation());
            };
            if (config.data() != Data.TRAIN && session.validation().size() == 0) {
                throw new TrainingException("commitment: the validation split is empty; set splits.validation above 0");
            }
            Shape input = session.network().inputShape();
            if (config.blur() + config.occlusion() + config.drop() > 0 && input.dimension() != IMAGE) {
                throw new TrainingException(
                        "commitment: blur, occlusion and drop are for images (channels, height, width); samples"
                                + " here have the shape " + input + ": set them to 0, noise suits any shape");
            }
            for (int exit = 1; exit < session.network().exits(); exit++) {
                if (!session.network().has(exit, HeadOutput.LOGITS)) {
                    throw new TrainingException("commitment: exit " + exit
                            + " has no classifier; put a trainer such as joint, heads-only or quicknets before it");
                }
                session.attach(gate(session.network(), exit));
                int through = config.target() == Target.RIGHT
                        ? exit
                        : session.network().exits();
                List<Samples> staying = new ArrayList<>();
                for (Samples reached : under) {
                    double right = commitRate(session, reached, exit, through);
                    report(session, exit, reached, right);
                    session.fit(phase(exit, through, staying.size() + 1, reached, right));
                    staying.add(staying(session, reached, exit));
                }
                under = staying;
            }
        }

        private static void report(TrainingSession session, int exit, Samples reached, double right) {
            session.report("right/exit-" + exit, right);
            session.report("samples/exit-" + exit, reached.size());
            if (right == 0 || right == 1) {
                session.note("exit " + exit + " is " + (right == 1 ? "never wrong" : "always wrong") + " on the "
                        + reached.size()
                        + " samples its gate learns from: the gate has nothing to tell apart and stays near"
                        + " the exit's own confidence; data: holdout with more validation samples may have errors");
            }
        }

        private Head gate(NetworkView network, int exit) {
            List<Head.Input> inputs = new ArrayList<>();
            inputs.add(new Head.Input(exit, HeadOutput.LOGITS));
            int earlier = Math.min(config.earlierExits(), exit - 1);
            for (int i = 1; i <= earlier; i++) {
                inputs.add(new Head.Input(exit - i, HeadOutput.LOGITS));
            }
            boolean distances = network.has(exit, HeadOutput.DISTANCES);
            if (distances) {
                inputs.add(new Head.Input(exit, HeadOutput.DISTANCES));
            }
            return new Head(
                    exit, HeadOutput.COMMITMENT, new Gate(config, network.classes(), earlier, distances), inputs);
        }

        /**
         * Class-balanced: w⁺ = 1 / (2 P(right)), w⁻ = 1 / (2 P(wrong)), which makes a gate say how much likelier right is than before. The
         * loss takes the log odds of P(right) off the gate's logit, so that the gate itself says P(right | x) and one threshold means the
         * same at every exit. An exit that never errs has no wrong samples to weigh.
         */
        private Phase phase(int exit, int through, int part, Samples samples, double right) {
            double positive = right == 0 ? 1 : 0.5 / right;
            double negative = right == 1 ? 1 : 0.5 / (1 - right);
            float prior = right == 0 || right == 1 ? 0 : (float) Math.log(right / (1 - right));
            Phase phase = Phase.of(
                            "gate-" + exit + (part == 1 ? "" : "-holdout"),
                            Part.heads(HeadOutput.COMMITMENT, exit, exit),
                            samples,
                            batch -> Losses.binaryCrossEntropy(
                                    batch.output(exit, HeadOutput.COMMITMENT).sub(prior),
                                    target(batch, exit),
                                    positive,
                                    negative),
                            through,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization());
            List<DoubleFunction<Perturbation>> kinds = new ArrayList<>();
            if (noise() > 0) {
                kinds.add(strength -> Perturbations.noise(strength * noise()));
            }
            if (config.blur() > 0) {
                kinds.add(strength -> Perturbations.blur(strength * config.blur()));
            }
            if (config.occlusion() > 0) {
                kinds.add(strength -> Perturbations.occlusion(strength * config.occlusion()));
            }
            if (config.drop() > 0) {
                kinds.add(strength -> Perturbations.drop(strength * config.drop()));
            }
            return kinds.isEmpty() ? phase : phase.withAugmentation(oneOf(kinds));
        }

        private double noise() {
            boolean given = config.noise() + config.blur() + config.occlusion() + config.drop() > 0;
            return config.data() == Data.AUGMENTED && !given ? AUGMENTED_NOISE : config.noise();
        }

        /** One of them, of a random strength up to the greatest. */
        private static Perturbation oneOf(List<DoubleFunction<Perturbation>> kinds) {
            return (sample, shape, random) -> kinds.get(random.nextInt(kinds.size()))
                    .apply(random.nextDouble())
                    .apply(sample, shape, random);
        }

        /** 1 where the gate should commit, {@code (batch, 1)}. */
        private NDArray target(ExitLoss.Batch batch, int exit) {
            NDArray right = Losses.isRight(batch.output(exit, HeadOutput.LOGITS), batch.labels());
            if (config.target() == Target.RIGHT) {
                return right;
            }
            NDArray lastRight = Losses.isRight(batch.output(batch.exits(), HeadOutput.LOGITS), batch.labels());
            return right.maximum(lastRight.neg().add(1f));
        }

        /** How often the gate should commit. */
        private double commitRate(TrainingSession session, Samples samples, int exit, int through) {
            Samples commit = session.select(samples, through, (evidence, labels) -> {
                boolean[] keep = right(evidence.upTo(exit).logits(), labels);
                if (config.target() == Target.NOT_WORSE) {
                    boolean[] last = right(evidence.logits(), labels);
                    for (int row = 0; row < keep.length; row++) {
                        keep[row] |= !last[row];
                    }
                }
                return keep;
            });
            return (double) commit.size() / samples.size();
        }

        private static boolean[] right(FloatMatrix logits, int[] labels) {
            boolean[] right = new boolean[labels.length];
            for (int row = 0; row < right.length; row++) {
                right[row] = logits.argMax(row) == labels[row];
            }
            return right;
        }

        /** The samples that this exit is not confident of; all where none would stay. */
        private Samples staying(TrainingSession session, Samples samples, int exit) {
            Samples staying = session.select(samples, exit, (evidence, labels) -> {
                FloatMatrix probabilities = evidence.logits().softmax();
                boolean[] keep = new boolean[labels.length];
                for (int row = 0; row < keep.length; row++) {
                    keep[row] = probabilities.get(row, probabilities.argMax(row)) < config.confidence();
                }
                return keep;
            });
            if (staying.size() == 0) {
                session.note("no sample gets past exit " + exit + " at confidence " + config.confidence()
                        + ": the gates after it learn from all samples that reached it");
                return samples;
            }
            return staying;
        }
    }
}
