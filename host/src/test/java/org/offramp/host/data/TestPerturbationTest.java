package org.offramp.host.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.offramp.host.data.TestPerturbation.Kind;
import org.offramp.host.testing.Blobs;

class TestPerturbationTest {
    private static final Shape IMAGE = new Shape(2, 6, 6);

    private static float[] applied(Kind kind, double strength, float[] sample, Shape shape) {
        float[] copy = sample.clone();
        new TestPerturbation(kind, strength).apply(copy, shape, Batches.random(1));
        return copy;
    }

    private static float[] filled(float value) {
        float[] sample = new float[72];
        Arrays.fill(sample, value);
        return sample;
    }

    @Test
    void twiceTheStrengthIsTwiceTheSameNoise() {
        float[] once = applied(Kind.NOISE, 0.5, filled(0), IMAGE);
        float[] twice = applied(Kind.NOISE, 1, filled(0), IMAGE);
        for (int i = 0; i < 72; i++) {
            assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-6f));
        }
        double squares =
                IntStream.range(0, 72).mapToDouble(i -> twice[i] * twice[i]).sum();
        assertThat(Math.sqrt(squares / 72)).isBetween(0.75, 1.25);
    }

    @Test
    void anOcclusionIsASquareOfZerosInEveryChannel() {
        float[] sample = applied(Kind.OCCLUSION, 0.5, filled(1), IMAGE);
        for (int channel = 0; channel < 2; channel++) {
            int base = 36 * channel;
            assertThat(IntStream.range(base, base + 36).filter(i -> sample[i] == 0))
                    .hasSize(9);
        }
        assertThat(applied(Kind.OCCLUSION, 1, filled(1), IMAGE)).containsOnly(0);
    }

    @Test
    void aBlurKeepsWhatIsEvenAndSpreadsAPointByTheGaussian() {
        for (float value : applied(Kind.BLUR, 1.5, filled(0.7f), IMAGE)) {
            assertThat(value).isCloseTo(0.7f, within(1e-6f));
        }
        float[] point = new float[49];
        point[24] = 1;
        float[] spread = applied(Kind.BLUR, 0.5, point, new Shape(1, 7, 7));
        // Weights e^(-2) beside the middle, e^(-8) at two; the middle's share is 1/(1 + 2e^-2 + 2e^-8), squared.
        double share = 1 / (1 + 2 * Math.exp(-2) + 2 * Math.exp(-8));
        assertThat(spread[24]).isCloseTo((float) (share * share), within(1e-6f));
        assertThat(spread[25]).isCloseTo((float) (share * share * Math.exp(-2)), within(1e-6f));
        assertThat(spread[17]).isEqualTo(spread[31]);
    }

    @Test
    void channelsAreDroppedOrScaledAsWholes() {
        assertThat(applied(Kind.CHANNEL_DROP, 1, filled(1), IMAGE)).containsOnly(0);
        assertThat(applied(Kind.CHANNEL_DROP, 0, filled(1), IMAGE)).containsOnly(1);
        float[] scaled = applied(Kind.SCALING, 0.3, filled(1), new Shape(2, 36));
        assertThat(Arrays.copyOf(scaled, 36)).containsOnly(scaled[0]);
        assertThat(Arrays.copyOfRange(scaled, 36, 72)).containsOnly(scaled[36]);
        assertThat(scaled[0]).isNotEqualTo(scaled[36]).isNotEqualTo(1);
    }

    @Test
    void kindsSuitSamplesOfTheirShape() {
        assertThat(Kind.BLUR.suits(new Shape(9, 128))).isFalse();
        assertThat(Kind.JITTER.suits(new Shape(9, 128))).isTrue();
        assertThat(Kind.JITTER.suits(IMAGE)).isFalse();
        assertThat(Kind.SCALING.suits(IMAGE)).isTrue();
        assertThat(Kind.CHANNEL_DROP.suits(new Shape(64))).isFalse();
    }

    @Test
    void aSampleIsPerturbedByItsIdWhereverItIsRead() {
        DataSplits splits = DataSplits.of(new Blobs(40, 8), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);
        DataSplits others = DataSplits.of(new Blobs(40, 20), 0.2, 0.2, false, Normalization.Kind.CHANNEL, 1);
        TestPerturbation how = new TestPerturbation(Kind.NOISE, 0.5);
        SampleSet perturbed = splits.openTest().perturbed(how);
        float[] clean = new float[64];
        splits.openTest().read(3, clean, 0);
        float[] first = new float[70];
        perturbed.read(3, first, 6);
        assertThat(Arrays.copyOfRange(first, 6, 70)).isNotEqualTo(clean);
        float[] again = new float[64];
        others.openTest().perturbed(how).read(3, again, 0);
        assertThat(again).isEqualTo(Arrays.copyOfRange(first, 6, 70));
        float[] other = new float[64];
        perturbed.read(7, other, 0);
        float[] otherClean = new float[64];
        splits.openTest().read(7, otherClean, 0);
        assertThat(other[0] - otherClean[0]).isNotEqualTo(again[0] - clean[0]);
    }
}
