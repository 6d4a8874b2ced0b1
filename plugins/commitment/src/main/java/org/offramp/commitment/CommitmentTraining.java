package org.offramp.commitment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.NetworkView;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
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

    /** What a gate is trained on. */
    public enum Data {
        /** The validation samples, which no classifier was trained on. */
        HOLDOUT,
        /** The training samples: a well-fitted classifier makes hardly an error there, and the gate learns to say yes. */
        TRAIN,
        /** The training samples under noise of a random strength. */
        AUGMENTED
    }

    /**
     * The keys of {@code commitment}.
     *
     * @param input what a gate sees
     * @param earlierExits how many of the nearest earlier exits' logits it sees too
     * @param fromConfidence whether the gate learns a correction to the log odds of the exit's own confidence
     * @param hidden units of a hidden layer; 0 for none
     * @param data what a gate is trained on
     * @param noise standard deviation of noise on a gate's training samples, in units of the normalised input
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
                    value = "standard deviation of noise on a gate's training samples; augmented uses at least 0.3",
                    defaultValue = "0.0",
                    min = 0,
                    max = 100)
            double noise,

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

    private static final double AUGMENTED_NOISE = 0.3;

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
            Samples under = config.data() == Data.HOLDOUT ? session.validation() : session.training();
            if (under.size() == 0) {
                throw new TrainingException("commitment: the validation split is empty; set splits.validation above 0");
            }
            for (int exit = 1; exit < session.network().exits(); exit++) {
                if (!session.network().has(exit, HeadOutput.LOGITS)) {
                    throw new TrainingException("commitment: exit " + exit
                            + " has no classifier; put a trainer such as joint, heads-only or quicknets before it");
                }
                session.attach(gate(session.network(), exit));
                Samples reached = under;
                double right = rightRate(session, reached, exit);
                session.report("right/exit-" + exit, right);
                session.report("samples/exit-" + exit, reached.size());
                if (right == 0 || right == 1) {
                    session.note("exit " + exit + " is " + (right == 1 ? "never wrong" : "always wrong") + " on the "
                            + reached.size()
                            + " samples its gate learns from: the gate has nothing to tell apart and stays near"
                            + " the exit's own confidence; data: holdout with more validation samples may have errors");
                }
                session.fit(phase(exit, reached, right));
                under = staying(session, reached, exit);
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
        private Phase phase(int exit, Samples samples, double right) {
            double positive = right == 0 ? 1 : 0.5 / right;
            double negative = right == 1 ? 1 : 0.5 / (1 - right);
            float prior = right == 0 || right == 1 ? 0 : (float) Math.log(right / (1 - right));
            Phase phase = Phase.of(
                            "gate-" + exit,
                            Part.heads(HeadOutput.COMMITMENT, exit, exit),
                            samples,
                            batch -> Losses.binaryCrossEntropy(
                                    batch.output(exit, HeadOutput.COMMITMENT).sub(prior),
                                    Losses.isRight(batch.output(exit, HeadOutput.LOGITS), batch.labels()),
                                    positive,
                                    negative),
                            exit,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization());
            return noise().map(deviation ->
                            phase.withAugmentation((values, shape, random) -> add(values, deviation, random)))
                    .orElse(phase);
        }

        private Optional<Double> noise() {
            double deviation =
                    config.data() == Data.AUGMENTED ? Math.max(AUGMENTED_NOISE, config.noise()) : config.noise();
            return deviation > 0 ? Optional.of(deviation) : Optional.empty();
        }

        /** Noise of a random strength up to the greatest. */
        private static void add(float[] values, double greatest, RandomGenerator random) {
            double deviation = greatest * random.nextDouble();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (deviation * random.nextGaussian());
            }
        }

        private static double rightRate(TrainingSession session, Samples samples, int exit) {
            Samples right = session.select(samples, exit, (evidence, labels) -> {
                boolean[] keep = new boolean[labels.length];
                for (int row = 0; row < keep.length; row++) {
                    keep[row] = evidence.logits().argMax(row) == labels[row];
                }
                return keep;
            });
            return (double) right.size() / samples.size();
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
