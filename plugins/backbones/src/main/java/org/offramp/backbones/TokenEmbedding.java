package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;

/**
 * Token ids {@code (batch, length)} to embeddings plus learned positions, {@code (batch, width + 1, length)} as described at
 * {@link TokenActivation}. Ids below 0 are read as padding, ids beyond the vocabulary as the last one.
 */
final class TokenEmbedding extends AbstractBlock {
    private static final float DEVIATION = 0.02f;

    private final int vocabulary;
    private final int width;
    private final Parameter embedding;
    private final Parameter positions;

    TokenEmbedding(int vocabulary, int width) {
        this.vocabulary = vocabulary;
        this.width = width;
        embedding = addParameter(parameter("embedding"));
        positions = addParameter(parameter("positions"));
    }

    private static Parameter parameter(String name) {
        return Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.WEIGHT)
                .optInitializer(new NormalInitializer(DEVIATION))
                .build();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray ids = inputs.singletonOrThrow();
        NDArray table = parameterStore.getValue(embedding, ids.getDevice(), training);
        NDArray places = parameterStore.getValue(positions, ids.getDevice(), training);
        NDArray known = ids.clip(0, vocabulary - 1);
        // Unlike gathering from the table, this gives an array of the samples' manager, which is closed with them.
        NDArray features = Embedding.embedding(known.toType(DataType.INT64, false), table, SparseFormat.DENSE)
                .singletonOrThrow()
                .add(places);
        NDArray mask = known.clip(0, 1).expandDims(1);
        return new NDList(new TokenActivation(features, mask).joined());
    }

    @Override
    protected void prepare(Shape[] inputShapes) {
        embedding.setShape(new Shape(vocabulary, width));
        positions.setShape(new Shape(inputShapes[0].get(1), width));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), width + 1, inputShapes[0].get(1))};
    }
}
