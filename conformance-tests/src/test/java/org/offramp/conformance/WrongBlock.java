package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A block of one function and one parameter of the input's width, all zeros. */
final class WrongBlock extends AbstractBlock {
    private final Parameter parameter;
    private final Pass pass;
    private final int declaredExtra;

    private WrongBlock(Pass pass, int declaredExtra) {
        this.pass = pass;
        this.declaredExtra = declaredExtra;
        parameter = addParameter(Parameter.builder()
                .setName("offset")
                .setType(Parameter.Type.BETA)
                .build());
    }

    /** Gets the parameter and its value from the store. */
    static WrongBlock of(Pass pass) {
        return new WrongBlock(pass, 0);
    }

    /** Takes the value from the store, as is right. */
    static WrongBlock ofArrays(ArrayPass pass) {
        return of((input, parameter, store) ->
                new NDList(pass.of(input, store.getValue(parameter, input.getDevice(), false))));
    }

    /** Declares so many columns more than it gives. */
    static WrongBlock declaring(int extra) {
        return new WrongBlock(
                (input, parameter, store) -> new NDList(input.add(store.getValue(parameter, input.getDevice(), false))),
                extra);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        return pass.of(inputs.singletonOrThrow(), parameter, parameterStore);
    }

    @Override
    protected void prepare(Shape[] inputShapes) {
        parameter.setShape(new Shape(inputShapes[0].get(1)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), inputShapes[0].get(1) + declaredExtra)};
    }

    /** A forward pass. */
    @FunctionalInterface
    interface Pass {
        NDList of(NDArray input, Parameter parameter, ParameterStore store);
    }

    /** A forward pass on the parameter's value. */
    @FunctionalInterface
    interface ArrayPass {
        NDArray of(NDArray input, NDArray offset);
    }
}
