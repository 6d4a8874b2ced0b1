package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.offramp.api.PRelu;

/** What inference computes in place and what it leaves alone: the code, and that it gives what the operations give one by one. */
class SimplifierTest {
    private static final Shape SHAPE = new Shape(4, 5, 5);

    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray weight = manager.randomNormal(new Shape(4, 4, 3, 3));

    @BeforeAll
    static void engine() {
        Engine.getInstance();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray convolution(NDArray x) {
        Shape one = new Shape(1, 1);
        return x.getNDArrayInternal()
                .convolution(x, weight, null, one, one, one, 1)
                .get(0);
    }

    /** The archive of functions {@code run0}, {@code run1}, …, each compared with itself operation by operation. */
    private Map<String, byte[]> compiled(StageFunction... functions) {
        Compiler compiler = new Compiler(Map.<String, Parameter>of(), Compiler.Form.INFERENCE);
        for (int i = 0; i < functions.length; i++) {
            compiler.add("run" + i, functions[i], List.of(SHAPE), false);
        }
        byte[] archive = compiler.archive();
        try (CompiledModule module = new CompiledModule(archive)) {
            for (int batch : new int[] {1, 3}) {
                NDArray x = manager.randomNormal(new Shape(batch).addAll(SHAPE));
                float[] before = x.toFloatArray();
                for (int i = 0; i < functions.length; i++) {
                    NDList expected = functions[i].forward(new LiveStore(manager), new NDList(x), false);
                    NDList given = module.call("run" + i, new NDList(x));
                    for (int j = 0; j < expected.size(); j++) {
                        assertThat(given.get(j).allClose(expected.get(j), 1e-5, 1e-5, false))
                                .isTrue();
                    }
                }
                assertThat(x.toFloatArray()).isEqualTo(before);
            }
        }
        return ZipEntries.read(archive);
    }

    private String code(StageFunction function) {
        byte[] code = compiled(function).get("net/code/__torch__.py");
        return new String(Objects.requireNonNull(code), StandardCharsets.UTF_8);
    }

    @Test
    void aSumGoesIntoTheTermThatNobodyElseReads() {
        String after = code((store, inputs, training) -> {
            NDArray x = inputs.get(0);
            return new NDList(convolution(x).add(x).getNDArrayInternal().relu());
        });
        assertThat(after).contains("torch.add_(").contains("torch.relu_(").doesNotContain("torch.add(");
        String before = code((store, inputs, training) -> {
            NDArray x = inputs.get(0);
            return new NDList(x.add(convolution(x)));
        });
        assertThat(before).containsPattern("torch\\.add_\\(v\\d+, x0\\)");
    }

    @Test
    void aSumLeavesTermsAloneThatAreReadElsewhereOrSmaller() {
        String output = code((store, inputs, training) -> {
            NDArray y = convolution(inputs.get(0));
            return new NDList(y.add(inputs.get(0)), y);
        });
        assertThat(output).contains("torch.add(").doesNotContain("torch.add_(");
        String twice = code((store, inputs, training) -> {
            NDArray y = convolution(inputs.get(0));
            return new NDList(y.add(y));
        });
        assertThat(twice).contains("torch.add(").doesNotContain("torch.add_(");
        String inputsOnly = code((store, inputs, training) ->
                new NDList(inputs.get(0).add(inputs.get(0).mul(2))));
        assertThat(inputsOnly).contains("torch.add(").doesNotContain("torch.add_(");
        NDArray wide = manager.randomNormal(new Shape(2, 1, 4, 5, 5));
        String spread = code((store, inputs, training) ->
                new NDList(convolution(inputs.get(0)).add(wide).sum(new int[] {0})));
        assertThat(spread).contains("torch.add(").doesNotContain("torch.add_(");
    }

    @Test
    void aPoolingOfWholeMapsIsAMean() {
        String whole = code((store, inputs, training) ->
                new NDList(inputs.get(0).getNDArrayInternal().globalAvgPool()));
        assertThat(whole).contains("torch.mean(x0, [2, 3], False)").doesNotContain("flatten");
    }

    @Test
    void weightsOfSeveralMethodsAreThereOnce() {
        StageFunction function = (store, inputs, training) -> new NDList(convolution(inputs.get(0)));
        assertThat(compiled(function, function).keySet().stream().filter(name -> name.startsWith("net/data/")))
                .hasSize(1);
    }

    /** oneDNN's gradient of such weights writes beyond its memory where the channels are last. */
    @Test
    void inTrainingAStridedPointwiseConvolutionOfFewChannelsSeesThemFirst() {
        NDArray pointwise = manager.randomNormal(new Shape(4, 4, 1, 1));
        Shape none = new Shape(0, 0);
        Shape one = new Shape(1, 1);
        Compiler compiler = new Compiler(Map.<String, Parameter>of(), Compiler.Form.TRAINING);
        compiler.addTrained(
                "run",
                (store, inputs, training) -> {
                    NDArray first = convolution(inputs.get(0));
                    NDArray second = first.getNDArrayInternal()
                            .convolution(first, pointwise, null, new Shape(2, 2), none, one, 1)
                            .get(0);
                    return new NDList(convolution(second));
                },
                List.of(SHAPE),
                true,
                true);
        assertThat(new String(compiler.archive(), StandardCharsets.ISO_8859_1).lines())
                .filteredOn(line -> line.contains("contiguous") || line.contains("conv2d"))
                .extracting(line -> line.replaceAll(".*(memory_format=\\d|conv2d).*", "$1"))
                .containsExactly("memory_format=2", "conv2d", "memory_format=0", "conv2d", "memory_format=2", "conv2d");
    }

    /** The words of {@code torch} in a method for training, in order. */
    private static List<String> trained(
            Compiler.Form form, StageFunction function, Shape shape, Map<String, Parameter> parameters) {
        Compiler compiler = new Compiler(parameters, form);
        compiler.addTrained("run", function, List.of(shape), true, true);
        return new String(compiler.archive(), StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.startsWith("    v"))
                .map(line -> line.replaceAll(".* = torch\\.(\\w+)\\(.*", "$1"))
                .toList();
    }

    /** A copy of the first convolution's output is most of what that convolution costs in training. */
    @Test
    void inTrainingImagesOfOneChannelAreSeenAsChannelsLastAndNotCopied() {
        NDArray first = manager.randomNormal(new Shape(4, 1, 3, 3));
        Shape one = new Shape(1, 1);
        StageFunction function = (store, inputs, training) -> new NDList(convolution(inputs.get(0)
                .getNDArrayInternal()
                .convolution(inputs.get(0), first, null, one, one, one, 1)
                .get(0)));
        assertThat(trained(Compiler.Form.TRAINING, function, new Shape(1, 5, 5), Map.of()))
                .containsExactly("reshape", "permute", "conv2d", "conv2d");
    }

    /** The engine's gradient of a PReLU goes through its values one by one. */
    @Test
    void inTrainingAPReluBehindParametersHasItsOwnGradientAndForPythonIsOneOperation() {
        assertThat(rectified(PRelu.Slopes.SHARED, Compiler.Form.TRAINING, NOTHING_BEFORE))
                .containsExactly("relu", "lerp");
        assertThat(rectified(PRelu.Slopes.SHARED, Compiler.Form.TRAINING, PARAMETERS_BEFORE))
                .startsWith("mul", "detach", "item", "leaky_relu", "requires_grad_", "detach", "clamp_max")
                .endsWith("item", "leaky_relu_backward");
        assertThat(rectified(PRelu.Slopes.CHANNEL, Compiler.Form.TRAINING, PARAMETERS_BEFORE))
                .startsWith("mul", "detach", "relu", "detach", "lerp", "requires_grad_", "detach", "clamp_max")
                .endsWith("threshold_backward", "detach", "lerp_");
        assertThat(rectified(PRelu.Slopes.CHANNEL, Compiler.Form.JOINED_TRAINING, NOTHING_BEFORE))
                .containsExactly("reshape", "prelu");
    }

    /** The engine differentiates a part once: the product would be reached by way of the PReLU and of the sum. */
    @Test
    void inTrainingAPReluBesideAShortcutIsAnInterpolation() {
        assertThat(rectified(PRelu.Slopes.SHARED, Compiler.Form.TRAINING, SHORTCUT))
                .containsExactly("mul", "relu", "lerp", "add");
    }

    /** A scale, which is a parameter, and a PReLU. */
    private interface Placed {
        NDArray of(NDArray x, NDArray scale, UnaryOperator<NDArray> rectifier);
    }

    private static final Placed NOTHING_BEFORE = (x, scale, rectifier) -> rectifier.apply(x);
    private static final Placed PARAMETERS_BEFORE = (x, scale, rectifier) -> rectifier.apply(x.mul(scale));
    private static final Placed SHORTCUT = (x, scale, rectifier) -> {
        NDArray product = x.mul(scale);
        return rectifier.apply(product).add(product);
    };

    private List<String> rectified(PRelu.Slopes slopes, Compiler.Form form, Placed placed) {
        PRelu block = new PRelu(slopes);
        block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(SHAPE));
        Parameter scale = Parameter.builder()
                .setName("scale")
                .setType(Parameter.Type.OTHER)
                .optShape(new Shape(1))
                .build();
        scale.setInitializer(Initializer.ONES);
        scale.initialize(manager, DataType.FLOAT32);
        Map<String, Parameter> parameters = new HashMap<>(Subject.parameters(block));
        parameters.put("scale", scale);
        return trained(
                form,
                (store, inputs, training) -> new NDList(placed.of(
                        inputs.get(0),
                        store.getValue(scale, inputs.get(0).getDevice(), training),
                        x -> block.forward(store, new NDList(x), training).get(0))),
                SHAPE,
                parameters);
    }
}
