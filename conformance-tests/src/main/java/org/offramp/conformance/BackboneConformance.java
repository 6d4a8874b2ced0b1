package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** The rules of backbones, group B, checked on DJL's default engine. */
public abstract class BackboneConformance extends Conformance<BackboneSubject<?>> {
    private static final int MANY = 4;
    private static final float TOLERANCE = 1e-5f;

    /** For subclasses. */
    protected BackboneConformance() {}

    /** Stages run one after the other, each with the activation before it. */
    @Rule(
            id = "B-01",
            sentence = "A backbone's stages MUST compose, in order, to logits of shape (batch, K).",
            ifThisFailsCheck =
                    "that the last stage ends in the classifier, that it is flat, and that no softmax or squeeze follows it.")
    public final void stagesComposeToLogits() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            assertThat(running.logits(running.input(step, MANY, 1)).getShape())
                    .as("the shape of the last stage's output for a batch of " + MANY)
                    .isEqualTo(new Shape(MANY, subject.classes()));
        }
    }

    /** Batches shrink when rows leave. */
    @Rule(
            id = "B-02",
            sentence = "A backbone MUST run at any batch size.",
            ifThisFailsCheck = "for a batch size written into a reshape or remembered from initialisation.")
    public final void anyBatchSizeRuns() {
        try (RunningBackbone running = new RunningBackbone(subject.create())) {
            for (int batch : new int[] {1, 2, 7}) {
                assertThat(running.logits(batch, 2))
                        .as("logits of a batch of " + batch)
                        .hasSize(batch * subject.classes());
            }
        }
    }

    /** The difference is held against the greatest logit of the batch. */
    @Rule(
            id = "B-03",
            sentence =
                    "A backbone's logits for a sample MUST be the same in a batch of one and of many, within 1e-5 relative to"
                            + " the largest logit, in inference.",
            ifThisFailsCheck =
                    "for statistics over the batch, BatchNorm that runs in training mode, and reshapes that mix rows.")
    public final void aBatchOfOneEqualsABatchOfMany() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            NDArray input = running.input(step, MANY, 3);
            float[] together = running.logits(input).toFloatArray();
            int width = together.length / MANY;
            for (int index = 0; index < MANY; index++) {
                float[] alone =
                        running.logits(input.get(index + ":" + (index + 1))).toFloatArray();
                float[] row = Arrays.copyOfRange(together, index * width, (index + 1) * width);
                assertThat(greatestDifference(alone, row))
                        .as("difference of " + Arrays.toString(alone) + ", row " + index + " alone, to "
                                + Arrays.toString(row) + " in a batch of " + MANY)
                        .isLessThanOrEqualTo(TOLERANCE * greatest(together));
            }
        }
    }

    /** Strategies of one leaderboard are trained side by side. */
    @Rule(
            id = "B-04",
            sentence = "Two backbones made by one factory MUST NOT share blocks or parameters.",
            ifThisFailsCheck = "for blocks kept in fields of the factory, in constants or in the configuration.")
    public final void twoBackbonesShareNothing() {
        Set<Object> first = parts(subject.create());
        Set<Object> second = parts(subject.create());
        for (Object part : second) {
            assertThat(first.contains(part))
                    .as(part.getClass().getSimpleName() + " is in both backbones")
                    .isFalse();
        }
    }

    /** The host hands out other arrays than the parameters' own when it traces, compiles and trains. */
    @Rule(
            id = "B-05",
            sentence = "A backbone MUST take the value of every parameter from the parameter store.",
            ifThisFailsCheck =
                    "for Parameter.getArray() in a forward pass, and for parameters that are declared and never used.")
    public final void parametersComeFromTheStore() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            AskedParameters store = new AskedParameters(running.manager());
            running.outputs(running.input(step, MANY, 5), store);
            List<String> notAsked = new ArrayList<>();
            running.parameters().forEach((name, parameter) -> {
                if (!store.contains(parameter)) {
                    notAsked.add(name);
                }
            });
            assertThat(notAsked)
                    .as("parameters (stage/name) that were not taken from the store")
                    .isEmpty();
        }
    }

    /** The second pass is held to the first bit for bit. */
    @Rule(
            id = "B-06",
            sentence = "A backbone's inference MUST be deterministic.",
            ifThisFailsCheck =
                    "for dropout or stochastic depth that is active although training is false, and for counters in a block.")
    public final void inferenceIsDeterministic() {
        try (RunningBackbone running = new RunningBackbone(subject.create())) {
            float[] first = running.logits(MANY, 6);
            Values.assertSame(running.logits(MANY, 6), first, "logits of the second pass");
        }
    }

    /** Names are the keys under which weights are saved. */
    @Rule(
            id = "B-07",
            sentence = "A backbone's stage names MUST be unique.",
            ifThisFailsCheck = "the number in the names of stages made in a loop.")
    public final void stageNamesAreUnique() {
        assertThat(subject.create().stages())
                .as("stages by name")
                .extracting(Stage::name)
                .doesNotHaveDuplicates();
    }

    /** A shape that is taken is tried: it must then also run. */
    @Rule(
            id = "B-08",
            sentence =
                    "A backbone's factory MUST refuse an input shape that does not suit with an IllegalArgumentException"
                            + " from create.",
            ifThisFailsCheck =
                    "that create compares the number of dimensions and the least sizes, so that the fault does not show in"
                            + " the first forward pass.")
    public final void unsuitableShapesAreRefused() {
        long[] empty = subject.inputShape().getShape().clone();
        empty[empty.length - 1] = 0;
        assertThatThrownBy(() -> subject.create(new Shape(empty), subject.classes()))
                .as("create for the shape " + new Shape(empty))
                .isInstanceOf(IllegalArgumentException.class);
        for (Shape shape :
                List.of(new Shape(), new Shape(4), new Shape(2, 8), new Shape(1, 6, 6), new Shape(1, 2, 3, 4))) {
            runOrRefuse(subject, shape);
        }
    }

    private static void runOrRefuse(BackboneSubject<?> subject, Shape shape) {
        Backbone backbone;
        try {
            backbone = subject.create(shape, subject.classes());
        } catch (IllegalArgumentException refused) {
            return;
        }
        try (RunningBackbone running = new RunningBackbone(backbone)) {
            assertThat(running.logits(2, 8)).as("logits for the shape " + shape).hasSize(2 * subject.classes());
        } catch (RuntimeException e) {
            throw new AssertionError("create took the shape " + shape + ", but the backbone does not run: " + e, e);
        }
    }

    /** One class needs no classifier. */
    @Rule(
            id = "B-09",
            sentence = "A backbone's factory MUST refuse fewer than two classes with an IllegalArgumentException.",
            ifThisFailsCheck = "that create compares the number of classes before it builds anything.")
    public final void fewerThanTwoClassesAreRefused() {
        for (int classes : new int[] {1, 0, -1}) {
            assertThatThrownBy(() -> subject.create(subject.inputShape(), classes))
                    .as("create for " + classes + " classes")
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Bit for bit; BatchNorm's running mean and variance are parameters in DJL. */
    @Rule(
            id = "B-10",
            sentence = "Inference MUST leave every parameter untouched, BatchNorm's running statistics included.",
            ifThisFailsCheck =
                    "that the training flag is handed on to every child block, and for in-place operations on parameters.")
    public final void inferenceLeavesParametersUntouched() {
        try (RunningBackbone running = new RunningBackbone(subject.create())) {
            Map<String, float[]> before = new LinkedHashMap<>();
            running.parameters()
                    .forEach((name, parameter) ->
                            before.put(name, parameter.getArray().toFloatArray()));
            running.logits(MANY, 10);
            running.parameters()
                    .forEach((name, parameter) -> Values.assertSame(
                            parameter.getArray().toFloatArray(),
                            Objects.requireNonNull(before.get(name)),
                            "parameter " + name + " after inference"));
        }
    }

    /** Arrays made from the input belong to its manager and go with it; those made from a parameter would stay. */
    @Rule(
            id = "B-11",
            sentence = "A forward pass MUST NOT leave an NDArray open on the manager that holds the parameters.",
            ifThisFailsCheck =
                    "operations whose first operand is a parameter: their result belongs to the parameter's manager; begin"
                            + " with the input, or attach the result to the input's manager.")
    public final void noArrayIsLeftOpen() {
        try (RunningBackbone running = new RunningBackbone(subject.create())) {
            running.logits(MANY, 11);
            int before = running.manager().getManagedArrays().size();
            for (int pass = 0; pass < 3; pass++) {
                running.logits(MANY, 11);
            }
            assertThat(running.manager().getManagedArrays().size() - before)
                    .as("arrays left open by three passes")
                    .isZero();
        }
    }

    /** The host sizes heads and checks datasets by them. */
    @Rule(
            id = "B-12",
            sentence = "A backbone MUST report the input shape and the number of classes that it was made for.",
            ifThisFailsCheck = "that both are taken from create's arguments.")
    public final void shapeAndClassesAreReported() {
        Backbone backbone = subject.create();
        assertThat(backbone.inputShape()).as("inputShape()").isEqualTo(subject.inputShape());
        assertThat(backbone.classes()).as("classes()").isEqualTo(subject.classes());
    }

    /** The host sizes heads before anything runs. */
    @Rule(
            id = "B-13",
            sentence = "A stage's getOutputShapes MUST give the shapes that its forward pass gives.",
            ifThisFailsCheck = "rounding in pooled sizes, and a batch dimension that is left out.")
    public final void declaredShapesAreTheRealOnes() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            NDArray input = running.input(step, MANY, 13);
            List<NDList> outputs = running.outputs(input);
            Shape before = input.getShape();
            for (int stage = 1; stage <= outputs.size(); stage++) {
                Shape real = outputs.get(stage - 1).get(0).getShape();
                assertThat(block(running, stage).getOutputShapes(new Shape[] {before})[0])
                        .as("declared output shape of stage " + stage + " for " + before)
                        .isEqualTo(real);
                before = real;
            }
        }
    }

    /** What is between two stages is what a head at that exit reads. */
    @Rule(
            id = "B-14",
            sentence = "A stage MUST take one array and give one array.",
            ifThisFailsCheck =
                    "for masks or skip connections handed from stage to stage as second arrays; join them into one.")
    public final void aStageGivesOneArray() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            List<NDList> outputs = running.outputs(running.input(step, MANY, 14));
            for (int stage = 1; stage <= outputs.size(); stage++) {
                assertThat(outputs.get(stage - 1).size())
                        .as("arrays given by stage " + stage)
                        .isEqualTo(1);
            }
        }
    }

    /** Rows that stay are picked along the first dimension. */
    @Rule(
            id = "B-15",
            sentence = "A stage's output MUST have the batch as its first dimension.",
            ifThisFailsCheck = "for (time, batch, features) layouts; transpose inside the stage.")
    public final void theBatchComesFirst() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            List<NDList> outputs = running.outputs(running.input(step, MANY, 15));
            for (int stage = 1; stage <= outputs.size(); stage++) {
                assertThat(outputs.get(stage - 1).get(0).getShape().get(0))
                        .as("first dimension of the output of stage " + stage + " for a batch of " + MANY)
                        .isEqualTo(MANY);
            }
        }
    }

    /** With freshly initialised parameters and ordinary samples. */
    @Rule(
            id = "B-16",
            sentence = "A backbone's logits MUST be finite for finite samples.",
            ifThisFailsCheck = "initialisers, logarithms and divisions; a variance without epsilon.")
    public final void logitsAreFinite() {
        try (RunningBackbone running = new RunningBackbone(subject.create())) {
            for (float logit : running.logits(MANY, 16)) {
                assertThat(logit).as("a logit").isFinite();
            }
        }
    }

    /** This is how a bundle is loaded: values go by name into a backbone that was just made. */
    @Rule(
            id = "B-17",
            sentence =
                    "Two backbones of one configuration MUST have parameters of the same names and shapes, and with the same"
                            + " values MUST give the same logits.",
            ifThisFailsCheck =
                    "for numbers drawn in a constructor and kept outside parameters, and for names that count up over calls.")
    public final void valuesCarryOver() {
        try (RunningBackbone trained = new RunningBackbone(subject.create());
                RunningBackbone loaded = new RunningBackbone(subject.create())) {
            Map<String, Parameter> target = loaded.parameters();
            assertThat(target.keySet())
                    .as("parameter names of the second backbone")
                    .containsExactlyElementsOf(trained.parameters().keySet());
            trained.parameters().forEach((name, parameter) -> {
                Parameter copy = Objects.requireNonNull(target.get(name));
                assertThat(copy.getArray().getShape())
                        .as("shape of " + name)
                        .isEqualTo(parameter.getArray().getShape());
                parameter.getArray().copyTo(copy.getArray());
            });
            Values.assertSame(loaded.logits(MANY, 17), trained.logits(MANY, 17), "logits of the second backbone");
        }
    }

    /** The heads of exit n read the activation that stage n + 1 was given. */
    @Rule(
            id = "B-18",
            sentence = "A stage MUST leave its input untouched.",
            ifThisFailsCheck =
                    "for in-place operations such as addi, muli or an in-place activation at the beginning of a stage.")
    public final void inputsAreUntouched() {
        try (RunningBackbone running = new RunningBackbone(subject.create());
                NDManager step = running.step()) {
            NDArray activation = running.input(step, MANY, 18);
            for (int stage = 1; stage <= running.backbone().stages().size(); stage++) {
                float[] before = activation.toFloatArray();
                NDArray next = running.forward(stage, activation);
                Values.assertSame(
                        activation.toFloatArray(), before, "the input of stage " + stage + " after its forward pass");
                activation = next;
            }
        }
    }

    private static float greatest(float[] values) {
        float greatest = 0;
        for (float value : values) {
            greatest = Float.isFinite(value) ? Math.max(greatest, Math.abs(value)) : greatest;
        }
        return greatest;
    }

    /** Where both are NaN or the same infinity there is none. */
    private static float greatestDifference(float[] one, float[] other) {
        assertThat(one).as("logits of one row").hasSameSizeAs(other);
        float greatest = 0;
        for (int i = 0; i < one.length; i++) {
            boolean equal = Float.compare(one[i], other[i]) == 0;
            greatest = Math.max(greatest, equal ? 0 : Math.abs(one[i] - other[i]));
        }
        return greatest;
    }

    private static Block block(RunningBackbone running, int stage) {
        return running.backbone().stages().get(stage - 1).block();
    }

    private static Set<Object> parts(Backbone backbone) {
        Set<Object> parts = Collections.newSetFromMap(new IdentityHashMap<>());
        backbone.stages().forEach(stage -> collect(stage.block(), parts));
        return parts;
    }

    private static void collect(Block block, Set<Object> parts) {
        parts.add(block);
        parts.addAll(block.getDirectParameters().values());
        block.getChildren().values().forEach(child -> collect(child, parts));
    }
}
