package org.offramp.e2cm;

import java.util.Locale;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/**
 * {@code e2cm}: the score is max_k p̂_k with p̂ = softmax(−β d̂) over the distances to the class means (Görmez et al. 2022). The last exit
 * answers with the network's own logits.
 */
public final class E2cmPolicy implements ExitPolicyFactory<E2cmPolicy.Config> {
    /** What distances are divided by before they are scored. */
    public enum Normalize {
        /** The mean distance of the training samples, per exit and class. */
        TRAIN_MEAN,
        /** Nothing. */
        NONE
    }

    /** Which distances choose the class. */
    public enum PredictFrom {
        /** The exit's logits: minus the distances before normalising, as the authors' code does, or a trained exit's. */
        RAW,
        /** The normalised distances. */
        NORMALIZED
    }

    /** How distances and a trained exit decide together. */
    public enum Fuse {
        /** The distances decide alone. */
        NONE,
        /** p ∝ p_exit · exp(−β d̂): score and class are those of the product. */
        LATE,
        /** Either may exit: score and class are those of the surer of the two. */
        EITHER
    }

    /**
     * The keys of the policy {@code e2cm}.
     *
     * @param normalize what distances are divided by before they are scored
     * @param predictFrom which distances choose the class
     * @param temperature β, which multiplies the distances
     * @param fuse how distances and a trained exit decide together
     */
    public record Config(
            @Key(value = "what distances are divided by: train-mean or none", defaultValue = "train-mean")
            Normalize normalize,

            @Key(
                    value = "which distances choose the class: raw (the exit's logits) or normalized",
                    defaultValue = "raw")
            PredictFrom predictFrom,

            @Key(value = "multiplies the distances", defaultValue = "1.0", min = 0.001, max = 1000)
            double temperature,

            @Key(
                    value = "how distances and a trained exit decide together: none, late or either",
                    defaultValue = "none")
            Fuse fuse) {
        /** Checks that the keys go together. */
        public Config {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException("temperature is " + temperature + "; allowed is a number > 0");
            }
            if (fuse != Fuse.NONE && normalize == Normalize.NONE) {
                throw new IllegalArgumentException("normalize: none needs the exit's logits to be minus the distances,"
                        + " so it goes with fuse: none only; fuse is "
                        + fuse.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    @Override
    public String name() {
        return "e2cm";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.NEEDS_DISTANCES);
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        float beta = (float) config.temperature();
        return evidence -> {
            FloatMatrix logits = finite(evidence, HeadOutput.LOGITS);
            if (evidence.exit() == evidence.exits()) {
                return surest(logits.softmax());
            }
            FloatMatrix distances = finite(evidence, HeadOutput.DISTANCES);
            FloatMatrix normalized = sum(0, logits, -beta, distances);
            return switch (config.fuse()) {
                case NONE ->
                    scores(
                            config.normalize() == Normalize.NONE ? sum(beta, logits, 0, distances) : normalized,
                            config.predictFrom() == PredictFrom.RAW ? logits : normalized);
                case LATE -> surest(sum(1, logits, -beta, distances).softmax());
                case EITHER -> either(normalized.softmax(), logits.softmax());
            };
        };
    }

    private static FloatMatrix sum(float one, FloatMatrix logits, float other, FloatMatrix distances) {
        float[] values = logits.toArray();
        float[] others = distances.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = one * values[i] + other * others[i];
        }
        return FloatMatrix.wrap(values, logits.rows(), logits.columns());
    }

    private static ExitScores surest(FloatMatrix probabilities) {
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    }

    /** Scores of one matrix, classes of another. */
    private static ExitScores scores(FloatMatrix scored, FloatMatrix classes) {
        FloatMatrix probabilities = scored.softmax();
        float[] scores = new float[scored.rows()];
        int[] predictions = new int[scored.rows()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = probabilities.get(row, probabilities.argMax(row));
            predictions[row] = classes.argMax(row);
        }
        return new ExitScores(scores, predictions, probabilities);
    }

    private static ExitScores either(FloatMatrix means, FloatMatrix answers) {
        float[] probabilities = new float[means.rows() * means.columns()];
        for (int row = 0; row < means.rows(); row++) {
            boolean nearest = means.get(row, means.argMax(row)) > answers.get(row, answers.argMax(row));
            System.arraycopy(
                    (nearest ? means : answers).row(row), 0, probabilities, row * means.columns(), means.columns());
        }
        return surest(FloatMatrix.wrap(probabilities, means.rows(), means.columns()));
    }

    private static FloatMatrix finite(Evidence evidence, HeadOutput output) {
        FloatMatrix matrix = evidence.output(evidence.exit(), output);
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                if (!Float.isFinite(matrix.get(row, column))) {
                    throw new IllegalArgumentException(
                            "exit " + evidence.exit() + ", row " + row + ": " + output + " of class " + column + " is "
                                    + matrix.get(row, column) + "; allowed are finite numbers");
                }
            }
        }
        return matrix;
    }
}
