package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, and with which words; and that looking at a Block leaves it as it was. */
class RecorderTest {
    private static final Shape FOUR = new Shape(4);
    private final NDManager manager = NDManager.newBaseManager();

    @BeforeAll
    static void engine() {
        Engine.getInstance();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private void compile(Block block, Compiler.Form form, Shape shape) {
        if (!block.isInitialized()) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(shape));
        }
        Compiler compiler = new Compiler(Subject.parameters(block), form);
        if (form.isTraining()) {
            compiler.addTrained("run", block::forward, List.of(shape), true, true);
        } else {
            compiler.add("run", block::forward, List.of(shape), false);
        }
    }

    /** What a block does to its input, its parameter and the parameter as the store hands it out. */
    private interface Body {
        NDArray of(NDArray x, Parameter parameter, NDArray handedOut);
    }

    private static final class Scale extends AbstractBlock {
        private final Body body;
        private final Parameter scale;

        Scale(Body body) {
            this.body = body;
            scale = addParameter(Parameter.builder()
                    .setName("scale")
                    .setType(Parameter.Type.WEIGHT)
                    .optShape(new Shape(4, 1))
                    .build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
            NDArray x = inputs.singletonOrThrow();
            NDArray flat = store.getValue(scale, x.getDevice(), training).reshape(4);
            return new NDList(body.of(x, scale, flat));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] shapes) {
            return shapes;
        }
    }

    private static NDArray real(NDArray like) {
        return Engine.getInstance().newBaseManager().ones(like.getShape());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "a parameter past the store",
                        (Body) (x, parameter, scale) -> x.matMul(parameter.getArray()),
                        "uses the parameter 'scale' without asking the parameter store for it"),
                Arguments.of(
                        "the same as the receiver",
                        (Body) (x, parameter, scale) -> parameter.getArray().add(x),
                        "calls add on an array that was not made from its inputs"),
                Arguments.of(
                        "a foreign array as the receiver",
                        (Body) (x, parameter, scale) -> real(x).mul(x),
                        "calls mul on an array that was not made from its inputs"),
                Arguments.of(
                        "a value of the input",
                        (Body) (x, parameter, scale) -> x.sum().getFloat() > 0 ? x : x.neg(),
                        "reads a value that depends on the input (toByteBuffer)"),
                Arguments.of(
                        "a value of something computed from a parameter",
                        (Body) (x, parameter, scale) -> x.mul(scale.exp().sum().getFloat()),
                        "reads a value that depends on the input (toByteBuffer)"),
                Arguments.of(
                        "chance",
                        (Body) (x, parameter, scale) -> x.add(x.getManager().randomUniform(0, 1, x.getShape())),
                        "draws random numbers (randomUniform)"),
                Arguments.of(
                        "an operation without a word",
                        (Body) (x, parameter, scale) -> x.sort(),
                        "uses the operation sort"),
                Arguments.of(
                        "an index without a word",
                        (Body) (x, parameter, scale) -> x.get(new NDIndex("{}", x.gt(0))),
                        "uses the operation get("),
                Arguments.of(
                        "operations that follow the batch",
                        (Body) (x, parameter, scale) -> x.getShape().get(0) > 2 ? x.neg() : x.abs(),
                        "depend on the size of the batch"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void whatCannotBeWrittenDownIsRefusedWithTheBlockAndTheOperation(String what, Body body, String message) {
        for (Compiler.Form form : Compiler.Form.values()) {
            assertThatThrownBy(() -> compile(new Scale(body), form, FOUR))
                    .isInstanceOf(UntraceableException.class)
                    .hasMessageContaining(message)
                    .hasMessageContaining(
                            message.startsWith("depend") ? "batch" : "the block " + Scale.class.getName());
        }
    }

    @Test
    void aParameterFromTheStoreAndAFixedArrayAreTaken() {
        Block block = new Scale((x, parameter, scale) -> x.mul(scale).add(real(scale)));
        for (Compiler.Form form : Compiler.Form.values()) {
            compile(block, form, FOUR);
        }
        assertThat(block.isInitialized()).isTrue();
    }

    private static Map<String, List<Float>> values(Block block) {
        Map<String, List<Float>> values = new TreeMap<>();
        block.getParameters()
                .forEach(pair -> values.put(
                        pair.getKey(),
                        Stream.of(pair.getValue().getArray().toArray())
                                .map(Number::floatValue)
                                .toList()));
        return values;
    }

    @Test
    void tracingInTrainingModeLeavesRunningStatisticsAsTheyWere() {
        Block block = new SequentialBlock().add(BatchNorm.builder().build());
        block.initialize(manager, DataType.FLOAT32, new Shape(2, 4));
        Map<String, List<Float>> before = values(block);
        compile(block, Compiler.Form.TRAINING, FOUR);
        compile(block, Compiler.Form.PLAIN_TRAINING, FOUR);
        assertThat(values(block)).isEqualTo(before);
        // The tracer's samples are zeros: the same step on the Block itself does change them.
        block.forward(new LiveStore(manager), new NDList(manager.zeros(new Shape(2, 4))), true);
        assertThat(values(block)).isNotEqualTo(before);
    }

    @Test
    void batchStatisticsAndDropoutAreRefusedOutsideTraining() {
        Block block = new Scale((x, parameter, scale) ->
                ai.djl.nn.norm.Dropout.dropout(x, 0.5f, true).singletonOrThrow());
        assertThatThrownBy(() -> compile(block, Compiler.Form.INFERENCE, FOUR))
                .hasMessageContaining("operation dropout");
        compile(block, Compiler.Form.TRAINING, FOUR);
    }
}
