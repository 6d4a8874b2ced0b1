package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;

/**
 * Token ids {@code (batch, length)} to the LayerNorm of word plus position plus type embedding (type 0), {@code (batch, width + 1,
 * length)} as described at {@link TokenActivation}. Id 0 is padding; ids below it are read as padding, ids beyond the vocabulary as the last
 * one.
 */
final class BertEmbedding extends AbstractBlock {
    private static final float DEVIATION = 0.02f;

    private final BertSizes sizes;
    private final Parameter words;
    private final Parameter positions;
    private final Parameter types;
    private final Block norm;

    BertEmbedding(BertSizes sizes) {
        this.sizes = sizes;
        words = addParameter(parameter("word_embedding"));
        positions = addParameter(parameter("position_embedding"));
        types = addParameter(parameter("type_embedding"));
        norm = addChildBlock("norm", BertLayer.norm(sizes));
    }

    private static Parameter parameter(String name) {
        return Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.WEIGHT)
                .optInitializer(new NormalInitializer(DEVIATION))
                .build();
    }

    void name(StateDict dict) {
        dict.put("bert.embeddings.word_embeddings.weight", words);
        dict.put("bert.embeddings.position_embeddings.weight", positions);
        dict.put("bert.embeddings.token_type_embeddings.weight", types);
        dict.name("bert.embeddings.LayerNorm", norm);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray ids = inputs.singletonOrThrow();
        NDArray index = ids.clip(0, sizes.vocabulary() - 1).toType(DataType.INT64, false);
        NDArray table = parameterStore.getValue(words, ids.getDevice(), training);
        NDArray features = index.getNDArrayInternal()
                .embedding(index, table, SparseFormat.DENSE)
                .singletonOrThrow()
                .add(first(parameterStore.getValue(positions, ids.getDevice(), training), ids, length(ids)))
                .add(first(parameterStore.getValue(types, ids.getDevice(), training), ids, 1));
        NDArray normed =
                norm.forward(parameterStore, new NDList(features), training).singletonOrThrow();
        NDArray mask = ids.clip(0, 1).expandDims(1);
        return new NDList(new TokenActivation(normed, mask).joined());
    }

    private static long length(NDArray ids) {
        return ids.getShape().get(1);
    }

    /** The first rows of a table; they belong to the manager of the ids, so that they are closed with them. */
    private static NDArray first(NDArray table, NDArray ids, long rows) {
        NDArray part = table.get(new NDIndex(":" + rows));
        part.attach(ids.getManager());
        return part;
    }

    @Override
    protected void prepare(Shape[] inputShapes) {
        words.setShape(new Shape(sizes.vocabulary(), sizes.width()));
        positions.setShape(new Shape(sizes.positions(), sizes.width()));
        types.setShape(new Shape(sizes.types(), sizes.width()));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        norm.initialize(manager, dataType, new Shape(inputShapes[0].get(0), inputShapes[0].get(1), sizes.width()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), sizes.width() + 1, inputShapes[0].get(1))};
    }
}
