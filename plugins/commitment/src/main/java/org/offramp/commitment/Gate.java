package org.offramp.commitment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * One logit per sample: the log odds of the exit's own confidence plus a correction learned from what the gate sees. The correction
 * starts at 0, so that an untrained gate ranks samples as max-probability does.
 */
final class Gate extends AbstractBlock {
    private static final int POWERS = 5;
    private static final float TINY = 1e-6f;

    private final CommitmentTraining.Input input;
    private final boolean fromConfidence;
    private final int classes;
    private final int earlier;
    private final boolean distances;
    private final Block layers;

    /**
     * A gate.
     *
     * @param config what it sees, its hidden layer, and whether it starts from the confidence
     * @param classes the number of classes K
     * @param earlier the number of earlier exits whose logits it receives
     * @param distances whether it receives this exit's distances to the class means
     */
    Gate(CommitmentTraining.Config config, int classes, int earlier, boolean distances) {
        this.input = config.input();
        this.fromConfidence = config.fromConfidence();
        this.classes = classes;
        this.earlier = earlier;
        this.distances = distances;
        SequentialBlock block = new SequentialBlock().add(BatchNorm.builder().build());
        if (config.hidden() > 0) {
            block.add(Linear.builder().setUnits(config.hidden()).build()).add(Activation.reluBlock());
        }
        Linear last = Linear.builder().setUnits(1).build();
        last.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
        layers = addChildBlock("layers", block.add(last));
    }

    /** Receives the activation, this exit's logits, the earlier exits' logits, and this exit's distances. */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray logits = inputs.get(1);
        List<NDArray> seen = new ArrayList<>();
        if (input == CommitmentTraining.Input.FEATURES
                || input == CommitmentTraining.Input.FEATURES_AND_PROBABILITIES) {
            seen.add(pooled(inputs.get(0)));
        }
        if (input == CommitmentTraining.Input.LOGITS) {
            seen.add(logits);
        }
        NDArray probabilities = logits.softmax(1);
        if (input == CommitmentTraining.Input.PROBABILITIES
                || input == CommitmentTraining.Input.FEATURES_AND_PROBABILITIES) {
            seen.add(probabilities);
            seen.add(shape(probabilities));
        }
        for (int i = 0; i < earlier; i++) {
            NDArray before = inputs.get(2 + i).softmax(1);
            seen.add(shape(before));
            seen.add(agreement(probabilities, before));
        }
        if (distances) {
            NDArray given = inputs.get(2 + earlier);
            seen.add(given.mul(probabilities).sum(new int[] {1}, true));
            seen.add(given.min(new int[] {1}, true));
        }
        NDArray all = seen.get(0);
        for (NDArray more : seen.subList(1, seen.size())) {
            all = all.concat(more, 1);
        }
        NDArray correction =
                layers.forward(parameterStore, new NDList(all), training).singletonOrThrow();
        return new NDList(fromConfidence ? correction.add(logOdds(probabilities)) : correction);
    }

    /** The mean over positions, {@code (batch, channels)}. */
    private static NDArray pooled(NDArray activation) {
        Shape shape = activation.getShape();
        if (shape.dimension() == 2) {
            return activation;
        }
        return activation
                .reshape(new Shape(shape.get(0), shape.get(1), shape.slice(2).size()))
                .mean(new int[] {2});
    }

    /** log p − log(1 − p) of the greatest probability, {@code (batch, 1)}. */
    private static NDArray logOdds(NDArray probabilities) {
        NDArray most = probabilities.max(new int[] {1}, true).minimum(1 - TINY);
        return most.log().sub(most.neg().add(1f).log());
    }

    /** What the earlier exit gave the class that this exit is sure of: Σ p² q / Σ p². */
    private static NDArray agreement(NDArray p, NDArray q) {
        NDArray square = p.square();
        return square.mul(q).sum(new int[] {1}, true).div(square.sum(new int[] {1}, true));
    }

    /**
     * What a distribution looks like, whatever the class: its greatest value's log odds, its entropy, and its power sums Σ p^j, which
     * say what the sorted values would.
     */
    private static NDArray shape(NDArray p) {
        NDArray features = logOdds(p).concat(p.mul(p.maximum(TINY).log()).sum(new int[] {1}, true), 1);
        NDArray power = p;
        for (int j = 2; j <= POWERS; j++) {
            power = power.mul(p);
            features = features.concat(power.sum(new int[] {1}, true), 1);
        }
        return features;
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        long distribution = POWERS + 1;
        long width = switch (input) {
            case FEATURES -> inputShapes[0].get(1);
            case LOGITS -> classes;
            case PROBABILITIES -> classes + distribution;
            case FEATURES_AND_PROBABILITIES -> inputShapes[0].get(1) + classes + distribution;
        };
        width += earlier * (distribution + 1) + (distances ? 2 : 0);
        layers.initialize(manager, dataType, new Shape(inputShapes[0].get(0), width));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), 1)};
    }
}
