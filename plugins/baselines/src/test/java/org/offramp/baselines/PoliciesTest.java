package org.offramp.baselines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;

class PoliciesTest {
    private static final float LN3 = (float) Math.log(3);

    private static Evidence evidence(float[]... exits) {
        List<Map<HeadOutput, FloatMatrix>> outputs = new ArrayList<>();
        for (float[] logits : exits) {
            outputs.add(Map.of(HeadOutput.LOGITS, FloatMatrix.wrap(logits, 1, logits.length)));
        }
        return new Evidence(4, outputs);
    }

    @Test
    void maxProbabilityOfOddsThreeToOneIsThreeQuarters() {
        ExitPolicy policy = new MaxProbabilityPolicy().create(new MaxProbabilityPolicy.Config(1), PolicyState.EMPTY);
        ExitScores scores = policy.score(evidence(new float[] {0, LN3}));
        assertThat(scores.score(0)).isCloseTo(0.75f, within(1e-6f));
        assertThat(scores.prediction(0)).isEqualTo(1);
    }

    @Test
    void aTemperatureOfTwoTakesTheRootOfTheOdds() {
        ExitPolicy policy = new MaxProbabilityPolicy().create(new MaxProbabilityPolicy.Config(2), PolicyState.EMPTY);
        double root = Math.sqrt(3);
        assertThat(policy.score(evidence(new float[] {0, LN3})).score(0))
                .isCloseTo((float) (root / (1 + root)), within(1e-6f));
    }

    @Test
    void entropyOfEvenOddsIsMinusTheLogarithmOfTheClassesInNats() {
        ExitPolicy policy = new EntropyPolicy().create(new EntropyPolicy.Config(), PolicyState.EMPTY);
        assertThat(policy.score(evidence(new float[] {5, 5, 5, 5})).score(0))
                .isCloseTo((float) -Math.log(4), within(1e-6f));
        assertThat(policy.score(evidence(new float[] {1e4f, -1e4f})).score(0)).isZero();
    }

    @Test
    void marginOfOddsThreeToOneIsOneHalf() {
        ExitPolicy policy = new MarginPolicy().create(new MarginPolicy.Config(), PolicyState.EMPTY);
        assertThat(policy.score(evidence(new float[] {0, LN3})).score(0)).isCloseTo(0.5f, within(1e-6f));
    }

    @Test
    void patienceCountsAgreementsInARowUpToThisExit() {
        ExitPolicy policy = new PatiencePolicy().create(new PatiencePolicy.Config(), PolicyState.EMPTY);
        float[] first = {1, 0};
        float[] second = {0, 1};
        assertThat(policy.score(evidence(first)).score(0)).isZero();
        assertThat(policy.score(evidence(first, first)).score(0)).isEqualTo(1);
        assertThat(policy.score(evidence(first, second)).score(0)).isZero();
        assertThat(policy.score(evidence(second, first, first, first)).score(0)).isEqualTo(2);
    }

    @Test
    void theFittedTemperatureUndoesAScaling() {
        SplittableRandom random = new SplittableRandom(1);
        int size = 4_000;
        float[] logits = new float[size * 2];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            double logit = 4 * random.nextDouble() - 2;
            labels[i] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
            logits[2 * i + 1] = (float) (logit * 3);
        }
        FloatMatrix matrix = FloatMatrix.wrap(logits, size, 2);
        Evidence evidence = new Evidence(1, List.of(Map.of(HeadOutput.LOGITS, matrix)));
        TemperaturePolicy factory = new TemperaturePolicy();
        PolicyState state = factory.fit(
                new TemperaturePolicy.Config(),
                new CalibrationTrace(evidence, labels, new long[] {1}),
                new java.util.Random(1));
        assertThat(state.get("temperature")[0]).isCloseTo(3, within(0.3));
    }

    @Test
    void evidenceThatIsNotANumberIsRefusedByExitAndRow() {
        ExitPolicy policy = new EntropyPolicy().create(new EntropyPolicy.Config(), PolicyState.EMPTY);
        assertThatThrownBy(() -> policy.score(evidence(new float[] {0, Float.NaN})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the logits at exit 1, row 0 hold NaN");
    }
}
