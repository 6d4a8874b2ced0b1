package org.offramp.host.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.EarlyExitModel;

/**
 * A bundle as a block: takes {@code (batch, …)}, not normalised (images in 0 … 1), and gives what {@link OutputKind} says. It has no
 * parameters of its own.
 */
final class EarlyExitBlock extends AbstractBlock {
    private final EarlyExitModel model;
    private final OutputKind output;

    EarlyExitBlock(EarlyExitModel model, OutputKind output) {
        this.model = model;
        this.output = output;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        if (training) {
            throw new UnsupportedOperationException("a bundle cannot be trained");
        }
        NDArray batch = inputs.singletonOrThrow();
        Shape shape = batch.getShape();
        if (shape.dimension() < 1 || !shape.slice(1).equals(model.inputShape())) {
            throw new IllegalArgumentException("a batch of shape " + shape + "; the bundle takes (batch, "
                    + Arrays.toString(model.inputShape().getShape()) + ")");
        }
        return output.arrays(
                batch.getManager(),
                model.predict(samples(batch)),
                model.classNames().size());
    }

    private float[][] samples(NDArray batch) {
        float[] values;
        if (batch.getDataType() == DataType.FLOAT32) {
            values = batch.toFloatArray();
        } else {
            try (NDArray floats = batch.toType(DataType.FLOAT32, true)) {
                values = floats.toFloatArray();
            }
        }
        int size = (int) model.inputShape().size();
        float[][] samples = new float[(int) batch.getShape().get(0)][];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = Arrays.copyOfRange(values, i * size, (i + 1) * size);
        }
        return samples;
    }

    @Override
    public boolean isInitialized() {
        return true;
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return new PairList<>(List.of("samples"), List.of(new Shape(-1).addAll(model.inputShape())));
    }

    PairList<String, Shape> describeOutput() {
        Shape matrix = new Shape(-1, model.classNames().size());
        return switch (output) {
            case PROBABILITIES -> new PairList<>(List.of("probabilities"), List.of(matrix));
            case LOG_PROBABILITIES -> new PairList<>(List.of("log-probabilities"), List.of(matrix));
            case ALL ->
                new PairList<>(
                        List.of("probabilities", "exit", "score", "macs"),
                        List.of(matrix, new Shape(-1), new Shape(-1), new Shape(-1)));
        };
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape batch = new Shape(inputShapes[0].get(0));
        return describeOutput().values().stream()
                .map(shape -> batch.addAll(shape.slice(1)))
                .toArray(Shape[]::new);
    }
}
