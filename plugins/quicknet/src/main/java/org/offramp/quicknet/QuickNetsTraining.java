package org.offramp.quicknet;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingSession;
import org.offramp.api.TrainingSession.PhaseReport;

/**
 * {@code quicknets}: the blocks are trained one after the other, each with its classifier and on the samples that the blocks before it
 * did not learn, with those blocks frozen (Patel and Siegelmann 2022; faithful to the published abstract).
 */
public final class QuickNetsTraining implements TrainerFactory<QuickNetsTraining.Config> {
    private static final double TOO_LITTLE = 0.1;

    /** Which samples of a block count as learned and are taken out. */
    public enum Removal {
        /** Those it classifies rightly: the abstract's literal reading. Later blocks may be left with very little. */
        CORRECT,
        /** Those it classifies rightly and with confidence: what stays is what inference passes on, and confident errors. */
        EXITED_CORRECT,
        /** Those it is confident of, right or wrong: exactly what would leave. */
        EXITED,
        /** Those whose true class has at least this probability. */
        MARGIN,
        /** Each with the probability that the block gives its true class. */
        SOFT
    }

    /**
     * The keys of {@code quicknets}.
     *
     * @param epochsPerBlock passes over each block's samples
     * @param batchSize samples per step
     * @param removal which samples count as learned
     * @param confidence the probability from which a sample counts as confident or, with {@code margin}, as learned
     * @param holdOutPrecision 0 uses {@code confidence}; otherwise each block's confidence is the least one at which the validation
     *     samples above it are right this often
     * @param replayFraction how many learned samples come back, as a fraction of those that stay
     * @param minSamples the least a block is trained on, as a fraction of all, and never less than one step; learned samples fill up
     * @param stretchEpochs a block left with a fraction f of the samples runs min(stretchEpochs, 1/f) times the epochs
     * @param cacheFeatures whether what the frozen blocks give is computed once for each block's samples, and not in every epoch; at most 2
     *     GiB are kept on disk
     * @param optimization the update rule
     */
    public record Config(
            @Key(value = "passes over each block's samples", defaultValue = "4", min = 1, max = 100_000)
            int epochsPerBlock,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(
                    value = "which samples count as learned: correct, exited-correct, exited, margin or soft",
                    defaultValue = "exited-correct")
            Removal removal,

            @Key(value = "probability from which a sample counts as confident", defaultValue = "0.9", min = 0, max = 1)
            double confidence,

            @Key(
                    value =
                            "0, or choose each block's confidence so that this fraction of confident validation samples is right",
                    defaultValue = "0.0",
                    min = 0,
                    max = 1)
            double holdOutPrecision,

            @Key(
                    value = "learned samples that come back, as a fraction of those that stay",
                    defaultValue = "0.0",
                    min = 0,
                    max = 10)
            double replayFraction,

            @Key(value = "least samples of a block, as a fraction of all", defaultValue = "0.01", min = 0, max = 1)
            double minSamples,

            @Key(
                    value = "greatest factor on the epochs of blocks that are left with fewer samples",
                    defaultValue = "1.0",
                    min = 1,
                    max = 100)
            double stretchEpochs,

            @Key(
                    value =
                            "whether what frozen blocks give is computed once per sample and kept on disk, and not in every epoch",
                    defaultValue = "true")
            boolean cacheFeatures,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization) {}

    @Override
    public String name() {
        return "quicknets";
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
        return new Cascade(config);
    }

    private record Cascade(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            session.attachClassifiers();
            Samples all = session.training();
            Samples remaining = all;
            TrainingCost cost = new TrainingCost(session.network());
            int blocks = session.network().exits();
            for (int block = 1; block <= blocks; block++) {
                Samples used = filledUp(remaining, all, session.random());
                report(session, block, remaining, used);
                Phase phase = phase(block, blocks, used, all);
                PhaseReport done = session.fit(phase);
                cost.block(block, used.size(), phase.epochs(), done.keptThrough());
                if (block < blocks) {
                    double confidence = confidence(session, block, cost);
                    session.report("confidence/block-" + block, confidence);
                    Samples learned = learned(session, remaining, block, confidence);
                    cost.pass(block, remaining.size());
                    remaining = remaining.minus(learned);
                }
            }
            cost.report(session, all.size(), config.epochsPerBlock());
        }

        private static void report(TrainingSession session, int block, Samples remaining, Samples used) {
            double all = session.training().size();
            int added = used.size() - remaining.size();
            session.report("samples/block-" + block, remaining.size() / all);
            session.report("filled-up/block-" + block, added / all);
            if (remaining.size() < TOO_LITTLE * all) {
                session.note(
                        "block " + block + " is left with " + remaining.size() + " of "
                                + session.training().size()
                                + " samples" + (added == 0 ? "" : ", filled up with " + added + " learned ones")
                                + ": its answers will be poor; another removal, a higher confidence or replay-fraction leaves it more");
            }
            int[] before = session.training().classCounts();
            int[] after = used.classCounts();
            List<Integer> gone = IntStream.range(0, after.length)
                    .filter(k -> before[k] > 0 && after[k] == 0)
                    .boxed()
                    .toList();
            if (!gone.isEmpty()) {
                session.note("block " + block + " has no samples of the classes " + gone
                        + " and will never answer with them; replay-fraction brings some back");
            }
        }

        private Phase phase(int block, int blocks, Samples samples, Samples all) {
            Set<Part> parts = new HashSet<>(Part.stages(block, block));
            if (block < blocks) {
                parts.add(new Part.OfHead(block, HeadOutput.LOGITS));
            }
            double stretch = Math.min(config.stretchEpochs(), (double) all.size() / samples.size());
            return Phase.of(
                            "block-" + block,
                            parts,
                            samples,
                            batch -> Losses.crossEntropy(batch.output(block, HeadOutput.LOGITS), batch.labels()),
                            block,
                            (int) Math.round(config.epochsPerBlock() * stretch),
                            config.batchSize())
                    .withOptimization(config.optimization())
                    .withKeepFrozen(config.cacheFeatures());
        }

        /** Replay, and at least the least number. */
        private Samples filledUp(Samples remaining, Samples all, RandomGenerator random) {
            int replay = (int) Math.round(config.replayFraction() * remaining.size());
            int least = Math.max(config.batchSize(), (int) Math.ceil(config.minSamples() * all.size()));
            Samples learned = all.minus(remaining);
            return remaining.union(learned.draw(Math.max(replay, Math.max(least - remaining.size(), 0)), random));
        }

        private Samples learned(TrainingSession session, Samples remaining, int block, double confidence) {
            RandomGenerator random = session.random();
            return session.select(remaining, block, (evidence, labels) -> {
                FloatMatrix probabilities = probabilities(evidence);
                boolean[] learned = new boolean[labels.length];
                for (int row = 0; row < learned.length; row++) {
                    boolean right = probabilities.argMax(row) == labels[row];
                    boolean confident = probabilities.get(row, probabilities.argMax(row)) >= confidence;
                    learned[row] = switch (config.removal()) {
                        case CORRECT -> right;
                        case EXITED_CORRECT -> right && confident;
                        case EXITED -> confident;
                        case MARGIN -> probabilities.get(row, labels[row]) >= confidence;
                        case SOFT -> random.nextFloat() < probabilities.get(row, labels[row]);
                    };
                }
                return learned;
            });
        }

        private static FloatMatrix probabilities(Evidence evidence) {
            return evidence.logits().softmax();
        }

        /** The given confidence, or the least at which the validation samples above it are right often enough. */
        private double confidence(TrainingSession session, int block, TrainingCost cost) {
            if (config.holdOutPrecision() == 0 || session.validation().size() == 0) {
                return config.confidence();
            }
            int size = session.validation().size();
            cost.pass(block, size);
            float[] confidences = new float[size];
            boolean[] right = new boolean[size];
            int[] at = {0};
            session.reduce(session.validation(), block, (activations, evidence, labels) -> {
                FloatMatrix probabilities = probabilities(evidence);
                for (int row = 0; row < labels.length; row++, at[0]++) {
                    confidences[at[0]] = probabilities.get(row, probabilities.argMax(row));
                    right[at[0]] = probabilities.argMax(row) == labels[row];
                }
            });
            int[] order = IntStream.range(0, size)
                    .boxed()
                    .sorted((a, b) -> Float.compare(confidences[b], confidences[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            double least = 1;
            int correct = 0;
            for (int i = 0; i < size; i++) {
                correct += right[order[i]] ? 1 : 0;
                if (correct >= config.holdOutPrecision() * (i + 1)) {
                    least = confidences[order[i]];
                }
            }
            return least;
        }
    }
}
