package org.offramp.baselines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;

class TrainersTest {
    private static final double[] SHARES = {0.15, 0.6, 1};

    @Test
    void uniformWeightsCountEveryExitTheSame() {
        assertThat(ExitWeights.UNIFORM.at(SHARES, 0.3)).containsExactly(1, 1, 1);
    }

    @Test
    void linearWeightsCountExitNTimesN() {
        assertThat(ExitWeights.LINEAR.at(SHARES, 0.3)).containsExactly(1, 2, 3);
    }

    @Test
    void sdnWeightsRiseFromOneHundredthToTheShareOfTheMacs() {
        assertThat(ExitWeights.SDN.at(SHARES, 0)).containsExactly(new double[] {0.01, 0.01, 1}, within(1e-12));
        assertThat(ExitWeights.SDN.at(SHARES, 0.5))
                .containsExactly(new double[] {0.01 + 0.075, 0.01 + 0.3, 1}, within(1e-12));
        assertThat(ExitWeights.SDN.at(SHARES, 1)).containsExactly(SHARES, within(1e-12));
        assertThat(ExitWeights.SDN.at(new double[] {0.004, 1}, 0))
                .containsExactly(new double[] {0.004, 1}, within(1e-12));
    }

    @Test
    void sharesAreCumulativeMacsOverTheBackbones() {
        assertThat(ExitWeights.shares(new long[] {100, 300, 600})).containsExactly(0.1, 0.4, 1);
        assertThat(ExitWeights.shares(new long[] {0, 0})).containsExactly(0.5, 1);
    }

    @Test
    void theWeightsOfALossSumToOneOverTheExitsThatAreTrained() {
        WeightedLoss all = new WeightedLoss(3, ExitWeights.LINEAR, Optional.empty(), SHARES);
        assertThat(all.normalized(0)).containsExactly(new double[] {1 / 6.0, 2 / 6.0, 3 / 6.0}, within(1e-12));
        WeightedLoss early = new WeightedLoss(2, ExitWeights.LINEAR, Optional.empty(), SHARES);
        assertThat(early.normalized(0)).containsExactly(new double[] {1 / 3.0, 2 / 3.0}, within(1e-12));
        WeightedLoss given = new WeightedLoss(2, ExitWeights.SDN, Optional.of(List.of(3.0, 1.0)), SHARES);
        assertThat(given.normalized(0)).containsExactly(new double[] {0.75, 0.25}, within(1e-12));
    }

    @Test
    void crossEntropyIsTheMeanOfMinusTheLogOfTheLabelsProbability() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.create(Given.drawn(4, 5, 3, 1).toArray(), new Shape(4, 5));
            NDArray labels = manager.create(new long[] {0, 4, 2, 2});
            NDArray loss = Losses.crossEntropy(logits, labels);
            NDArray reference = Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits));
            assertThat(loss.getShape()).isEqualTo(new Shape());
            assertThat(loss.getFloat()).isCloseTo(reference.getFloat(), within(1e-6f));
        }
    }

    @Test
    void crossEntropyOfABatchOfOneIsStableForGreatLogits() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.create(new float[] {1000, -1000}, new Shape(1, 2));
            NDArray loss = Losses.crossEntropy(logits, manager.create(new long[] {1}));
            assertThat(loss.getFloat()).isEqualTo(2000);
        }
    }

    @Test
    void theGradientOfCrossEntropyIsTheProbabilityMinusTheOneHotLabel() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.create(Given.logs(0.5, 0.3, 0.2), new Shape(1, 3));
            logits.setRequiresGradient(true);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                collector.backward(Losses.crossEntropy(logits, manager.create(new long[] {1})));
            }
            assertThat(logits.getGradient().toFloatArray())
                    .containsExactly(new float[] {0.5f, -0.7f, 0.2f}, within(1e-6f));
        }
    }

    @Test
    void stagesAndHeadsAreParts() {
        assertThat(Part.heads(HeadOutput.LOGITS, 1, 0)).isEmpty();
        assertThat(Part.heads(HeadOutput.LOGITS, 1, 1)).containsExactly(new Part.OfHead(1, HeadOutput.LOGITS));
        assertThat(Part.stages(2, 3)).containsExactly(new Part.OfStage(2), new Part.OfStage(3));
    }

    @Test
    void binaryCrossEntropyIsStableAndWeighted() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray logits = manager.create(new float[] {0, 100, -100, 2}, new Shape(4, 1));
            NDArray targets = manager.create(new float[] {1, 1, 1, 0}, new Shape(4, 1));
            double expected = (3 * Math.log(2) + 0 + 3 * 100 + 5 * Math.log(1 + Math.exp(2))) / 4;
            assertThat((double) Losses.binaryCrossEntropy(logits, targets, 3, 5).getFloat())
                    .isCloseTo(expected, within(1e-4));
        }
    }

    @Test
    void divergenceIsZeroForTheSameAndPositiveOtherwise() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray target = manager.create(Given.logs(0.5, 0.3, 0.2), new Shape(1, 3));
            NDArray other = manager.create(Given.logs(0.2, 0.2, 0.6), new Shape(1, 3));
            double expected = 0.5 * Math.log(2.5) + 0.3 * Math.log(1.5) + 0.2 * Math.log(1.0 / 3);
            assertThat(Losses.divergence(target, target.add(7f)).getFloat()).isCloseTo(0, within(1e-6f));
            assertThat((double) Losses.divergence(target, other).getFloat()).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void aTrainerShowsItsHyperParameters() {
        assertThat(new JointTraining().create(config(List.of(1.0, 2.0))))
                .asString()
                .contains("epochs=3", "batchSize=64", "exitWeights=Optional[[1.0, 2.0]]", "learningRate=0.001");
    }

    @Test
    void keysOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> config(List.of())).hasMessageContaining("exit-weights is []");
        assertThatThrownBy(() -> config(List.of(1.0, -1.0))).hasMessageContaining("exit-weights is [1.0, -1.0]");
        assertThatThrownBy(() -> config(List.of(0.0, 0.0))).hasMessageContaining("one is > 0");
        assertThatThrownBy(() -> new BackboneTraining.Config(0, 1, Optimization.DEFAULT, 0))
                .hasMessageContaining("epochs is 0");
    }

    private static ExitTraining config(List<Double> exitWeights) {
        return new ExitTraining(3, 0, 64, ExitWeights.UNIFORM, Optional.of(exitWeights), Optimization.DEFAULT, 0);
    }
}
