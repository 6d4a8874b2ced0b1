package org.offramp.commitment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * One logit per sample from what the configuration lets it see: the pooled activation, the exit's logits, or its probabilities as sorted
 * values with entropy and margin.
 */
final class Gate extends AbstractBlock {
    private static final int LARGEST = 5;
    private static final float TINY = 1e-12f;

    private final CommitmentTraining.Input input;
    private final int classes;
    private final Block layers;

    Gate(CommitmentTraining.Input input, int hidden, int classes) {
        this.input = input;
        this.classes = classes;
        SequentialBlock block = new SequentialBlock();
        if (hidden > 0) {
            block.add(Linear.builder().setUnits(hidden).build()).add(Activation.reluBlock());
        }
        layers = addChildBlock("layers", block.add(Linear.builder().setUnits(1).build()));
    }

    /** Receives the activation, then the exit's logits. */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray seen = switch (input) {
            case FEATURES -> pooled(inputs.get(0));
            case LOGITS -> inputs.get(1);
            case PROBABILITIES -> shape(inputs.get(1));
            case FEATURES_AND_PROBABILITIES -> pooled(inputs.get(0)).concat(shape(inputs.get(1)), 1);
        };
        return layers.forward(parameterStore, new NDList(seen), training);
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

    /**
     * What a distribution looks like, whatever the class: its power sums Σ p^j, which say what the sorted values would, its greatest value,
     * and its entropy.
     */
    private NDArray shape(NDArray logits) {
        NDArray p = logits.softmax(1);
        NDArray features =
                p.max(new int[] {1}, true).concat(p.mul(p.maximum(TINY).log()).sum(new int[] {1}, true), 1);
        NDArray power = p;
        for (int j = 2; j <= LARGEST; j++) {
            power = power.mul(p);
            features = features.concat(power.sum(new int[] {1}, true), 1);
        }
        return features;
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        long features = inputShapes[0].get(1);
        long distribution = LARGEST + 1;
        long width = switch (input) {
            case FEATURES -> features;
            case LOGITS -> classes;
            case PROBABILITIES -> distribution;
            case FEATURES_AND_PROBABILITIES -> features + distribution;
        };
        layers.initialize(manager, dataType, new Shape(inputShapes[0].get(0), width));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), 1)};
    }
}
