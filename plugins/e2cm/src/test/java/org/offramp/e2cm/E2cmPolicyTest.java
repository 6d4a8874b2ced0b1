package org.offramp.e2cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.offramp.api.Evidence;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.e2cm.E2cmPolicy.Config;
import org.offramp.e2cm.E2cmPolicy.Fuse;
import org.offramp.e2cm.E2cmPolicy.Normalize;
import org.offramp.e2cm.E2cmPolicy.PredictFrom;

class E2cmPolicyTest {
    private static final Config PAPER = new Config(Normalize.TRAIN_MEAN, PredictFrom.RAW, 1, Fuse.NONE);

    private static FloatMatrix row(float... values) {
        return FloatMatrix.copyOf(values, 1, values.length);
    }

    private static Map<HeadOutput, FloatMatrix> outputs(FloatMatrix logits, FloatMatrix distances) {
        return Map.of(HeadOutput.LOGITS, logits, HeadOutput.DISTANCES, distances);
    }

    private static ExitScores score(Config config, Evidence evidence) {
        return new E2cmPolicy().create(config, PolicyState.EMPTY).score(evidence);
    }

    /** Raw distances 2, 3, 4; normalised 0.9, 0.5, 1. */
    private static Evidence early() {
        return new Evidence(2, List.of(outputs(row(-2, -3, -4), row(0.9f, 0.5f, 1f))));
    }

    private static double surest(double... exponents) {
        double sum = 0;
        double most = 0;
        for (double each : exponents) {
            sum += Math.exp(each);
            most = Math.max(most, Math.exp(each));
        }
        return most / sum;
    }

    @Test
    void thePaperScoresNormalisedDistancesAndAnswersWithTheNearestRawOne() {
        ExitScores scores = score(PAPER, early());
        assertThat((double) scores.score(0)).isCloseTo(surest(-0.9, -0.5, -1), within(1e-6));
        assertThat(scores.prediction(0)).isZero();
    }

    @Test
    void temperatureMultipliesTheDistances() {
        ExitScores scores = score(new Config(Normalize.TRAIN_MEAN, PredictFrom.NORMALIZED, 8, Fuse.NONE), early());
        assertThat((double) scores.score(0)).isCloseTo(surest(-7.2, -4, -8), within(1e-6));
        assertThat(scores.prediction(0)).isEqualTo(1);
    }

    @Test
    void withoutNormalisingRawDistancesAreScored() {
        ExitScores scores = score(new Config(Normalize.NONE, PredictFrom.RAW, 2, Fuse.NONE), early());
        assertThat((double) scores.score(0)).isCloseTo(surest(-4, -6, -8), within(1e-6));
    }

    @Test
    void lateFusionMultipliesProbabilitiesAndEitherTakesTheSurer() {
        ExitScores late = score(new Config(Normalize.TRAIN_MEAN, PredictFrom.RAW, 10, Fuse.LATE), early());
        assertThat((double) late.score(0)).isCloseTo(surest(-2 - 9, -3 - 5, -4 - 10), within(1e-6));
        assertThat(late.prediction(0)).isEqualTo(1);
        ExitScores either = score(new Config(Normalize.TRAIN_MEAN, PredictFrom.RAW, 1, Fuse.EITHER), early());
        assertThat((double) either.score(0)).isCloseTo(surest(-2, -3, -4), within(1e-6));
        assertThat(either.prediction(0)).isZero();
    }

    @Test
    void theLastExitAnswersWithTheNetworksLogitsEvenWhereItHasDistances() {
        Evidence last = new Evidence(
                2, List.of(outputs(row(-2, -3, -4), row(1, 1, 1)), outputs(row(0, 5, 0), row(0.1f, 1, 1))));
        ExitScores scores = score(PAPER, last);
        assertThat(scores.prediction(0)).isEqualTo(1);
        assertThat((double) scores.score(0)).isCloseTo(surest(0, 5, 0), within(1e-6));
    }

    @Test
    void withTenClassesTheScoreOfANearSampleIsInTheNotesWindow() {
        float[] distances = new float[10];
        java.util.Arrays.fill(distances, 1.05f);
        distances[3] = 0.4f;
        float[] logits = new float[10];
        double score = score(PAPER, new Evidence(2, List.of(outputs(row(logits), row(distances)))))
                .score(0);
        assertThat(score).isBetween(0.15, 0.23);
    }

    @Test
    void rawDistancesCannotBeScoredTogetherWithATrainedExit() {
        assertThatThrownBy(() -> new Config(Normalize.NONE, PredictFrom.RAW, 1, Fuse.LATE))
                .hasMessageContaining("fuse is late");
    }
}
