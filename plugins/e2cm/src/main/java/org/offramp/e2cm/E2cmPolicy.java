package org.offramp.e2cm;

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
 * {@code e2cm}: the score is max_k p̂_k with p̂ = softmax(−β d̂) over the distances to the class means (Görmez et al. 2022); the class is
 * that of the exit's logits. The last exit answers with the network's own logits.
 */
public final class E2cmPolicy implements ExitPolicyFactory<E2cmPolicy.Config> {
    /** How distances and a trained exit decide together. */
    public enum Fuse {
        /** The distances decide alone. */
        NONE,
        /** p ∝ p_exit · exp(−β d̂): score and class are those of the product. */
        LATE,
        /** The surer of the two. */
        OR
    }

    /**
     * The keys of the policy {@code e2cm}.
     *
     * @param temperature β, which multiplies the distances
     * @param fuse how distances and a trained exit decide together
     */
    public record Config(
            @Key(value = "multiplies the distances", defaultValue = "1.0", min = 0.001, max = 1000)
            double temperature,

            @Key(value = "how distances and a trained exit decide together: none, late or or", defaultValue = "none")
            Fuse fuse) {
        /** Checks the range. */
        public Config {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException("temperature is " + temperature + "; allowed is a number > 0");
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
        return evidence -> {
            FloatMatrix logits = finite(evidence, HeadOutput.LOGITS);
            FloatMatrix answers = logits.softmax();
            if (evidence.exit() == evidence.exits() && !evidence.has(evidence.exit(), HeadOutput.DISTANCES)) {
                return surest(answers);
            }
            FloatMatrix distances = finite(evidence, HeadOutput.DISTANCES);
            FloatMatrix means = combined(distances, config.temperature(), null).softmax();
            return switch (config.fuse()) {
                case NONE -> scores(means, answers, means);
                case LATE ->
                    surest(combined(distances, config.temperature(), logits).softmax());
                case OR -> or(means, answers);
            };
        };
    }

    /** −β d̂, plus the logits where they are given. */
    private static FloatMatrix combined(
            FloatMatrix distances, double beta, @org.jspecify.annotations.Nullable FloatMatrix logits) {
        float[] values = distances.toArray();
        float[] others = logits == null ? new float[values.length] : logits.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (others[i] - beta * values[i]);
        }
        return FloatMatrix.wrap(values, distances.rows(), distances.columns());
    }

    private static ExitScores surest(FloatMatrix probabilities) {
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    }

    /** Scores of one matrix, classes of another. */
    private static ExitScores scores(FloatMatrix scored, FloatMatrix classes, FloatMatrix probabilities) {
        float[] scores = new float[scored.rows()];
        int[] predictions = new int[scored.rows()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = scored.get(row, scored.argMax(row));
            predictions[row] = classes.argMax(row);
        }
        return new ExitScores(scores, predictions, probabilities);
    }

    private static ExitScores or(FloatMatrix means, FloatMatrix answers) {
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
