package org.offramp.backbones;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Backbone;
import org.offramp.backbones.Safetensors.Given;

class PretrainedWeightsTest {
    private static final Shape SHAPE = new Shape(1, 8, 8);

    @TempDir
    private Path folder;

    private Map<String, Given> whole() {
        Map<String, Given> tensors = new LinkedHashMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            Backbone backbone = small(Optional.empty(), 0, 32);
            new Network(manager, backbone);
            backbone.publishedParameters().forEach((name, parameter) -> {
                float[] values = parameter.getArray().toFloatArray();
                for (int i = 0; i < values.length; i++) {
                    values[i] += i % 7 * 0.125f;
                }
                tensors.put(name, Given.of(parameter.getArray().getShape(), values));
            });
        }
        return tensors;
    }

    private static Backbone small(Optional<String> weights, double prune, int bits) {
        return new Residual().create(new Residual.Config(8, 0.125, weights, prune, bits), SHAPE, 3);
    }

    private Path written(Map<String, Given> tensors) throws IOException {
        return Safetensors.write(folder.resolve("weights.safetensors"), tensors);
    }

    private Path raw(String header, byte[] data) throws IOException {
        return Safetensors.write(folder.resolve("weights.safetensors"), header, data);
    }

    private static Backbone load(Path file) {
        return small(Optional.of(file.toString()), 0, 32);
    }

    @Test
    void everyParameterGetsTheTensorOfItsName() throws IOException {
        Map<String, Given> tensors = whole();
        tensors.put("bn1.num_batches_tracked", new Given("I64", "[]", new byte[8]));
        Backbone backbone = load(written(tensors));
        try (NDManager manager = NDManager.newBaseManager()) {
            new Network(manager, backbone);
            for (Map.Entry<String, Parameter> entry :
                    backbone.publishedParameters().entrySet()) {
                assertThat(Given.of(
                                        entry.getValue().getArray().getShape(),
                                        entry.getValue().getArray().toFloatArray())
                                .bytes())
                        .as(entry.getKey())
                        .isEqualTo(bytes(tensors, entry.getKey()));
            }
        }
    }

    private static byte[] bytes(Map<String, Given> tensors, String name) {
        Given given = tensors.get(name);
        assertThat(given).as(name).isNotNull();
        return given.bytes();
    }

    @Test
    void halfPrecisionIsReadAsFloat() throws IOException {
        Map<String, Given> tensors = whole();
        byte[] halves = {0x00, 0x3c, 0x00, (byte) 0xc0, 0x01, 0x00, 0x00, 0x7c};
        tensors.clear();
        tensors.put("half", new Given("F16", "[4]", halves));
        tensors.put("brain", new Given("BF16", "[2]", new byte[] {(byte) 0x80, 0x3f, 0x40, (byte) 0xc0}));
        SafetensorsFile file = SafetensorsFile.open(written(tensors));
        assertThat(file.values("half")).containsExactly(1f, -2f, 0x1p-24f, Float.POSITIVE_INFINITY);
        assertThat(file.values("brain")).containsExactly(1f, -3f);
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        Map<String, Given> tensors = whole();
        tensors.remove("layer2.0.bn1.running_var");
        assertThatThrownBy(() -> load(written(tensors)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("there is no tensor 'layer2.0.bn1.running_var'");
    }

    @Test
    void aTensorLeftOverIsNamed() throws IOException {
        Map<String, Given> tensors = whole();
        tensors.put("layer9.0.conv1.weight", new Given("F32", "[1]", new byte[4]));
        assertThatThrownBy(() -> load(written(tensors)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the tensor 'layer9.0.conv1.weight' belongs to no part of this network");
    }

    @Test
    void aWrongShapeIsNamedBeforeTheNetworkIsUsed() throws IOException {
        Map<String, Given> tensors = whole();
        tensors.put("linear.bias", new Given("F32", "[4]", new byte[16]));
        assertThatThrownBy(() -> load(written(tensors)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("'linear.bias' has the shape (4), this network needs (3)");
    }

    @Test
    void aWrongDataTypeIsNamed() throws IOException {
        Map<String, Given> tensors = whole();
        tensors.put("linear.bias", new Given("I32", "[3]", new byte[12]));
        assertThatThrownBy(() -> load(written(tensors)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the tensor 'linear.bias' is I32; F32, F16, BF16 or F64 is needed");
    }

    @Test
    void aTruncatedFileNamesTheTensorThatIsCut() throws IOException {
        Path file = written(whole());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("truncated: the tensor 'linear.bias' ends at byte");
        Files.write(file, Arrays.copyOf(bytes, 20));
        assertThatThrownBy(() -> load(file)).hasMessageContaining("truncated: its header has");
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> load(file)).hasMessageContaining("truncated: it has 3 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}} | inside the one before it",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | behind a gap",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 bytes at its end belong to no tensor",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | 'a', F32 of shape [3], has 8 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}} | 'a' has the shape [-1]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | 'a', F32 of shape",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | 'a' has the data offsets [8, 0]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | 'a' has the data offsets [-8, 0]",
                "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}} | 'a' has the data type 'F33'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 'a' is there twice",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}} | 'a' has the unknown key 'x'",
                "[[[[ | its header is wrong",
                "{\"a\":1} | its header is wrong"
            })
    void aWrongHeaderIsRefused(String header, String message) throws IOException {
        Path file = raw(header, new byte[8]);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weights: " + file)
                .hasMessageContaining(message);
    }

    @Test
    void aHeaderLongerThanTheFormatAllowsIsRefusedUnread() throws IOException {
        byte[] bytes = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(Long.MAX_VALUE)
                .array();
        Path file = Files.write(folder.resolve("huge.safetensors"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("9223372036854775807 bytes; allowed are 2 to 100000000");
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none"))).hasMessageContaining("there is no file");
    }

    @Test
    void pruningAndRoundingChangeWeightsAndNothingElse() throws IOException {
        Path file = written(whole());
        try (NDManager manager = NDManager.newBaseManager()) {
            Backbone plain = load(file);
            Backbone pruned = small(Optional.of(file.toString()), 0.5, 32);
            Backbone rounded = small(Optional.of(file.toString()), 0, 8);
            new Network(manager, plain);
            new Network(manager, pruned);
            new Network(manager, rounded);
            plain.publishedParameters().forEach((name, parameter) -> {
                float[] before = parameter.getArray().toFloatArray();
                float[] sparse = values(pruned, name);
                float[] coarse = values(rounded, name);
                if (parameter.getArray().getShape().dimension() < 2) {
                    assertThat(sparse).as(name).isEqualTo(before);
                    assertThat(coarse).as(name).isEqualTo(before);
                    return;
                }
                int zeros = 0;
                for (float value : sparse) {
                    zeros += value == 0 ? 1 : 0;
                }
                assertThat(zeros).as(name).isGreaterThanOrEqualTo(before.length / 2);
                int channels = Math.toIntExact(parameter.getArray().getShape().get(0));
                for (int channel = 0; channel < channels; channel++) {
                    assertRounded(name, before, coarse, channel * before.length / channels, before.length / channels);
                }
            });
            double whole = figure(plain);
            assertThat(figure(rounded)).isLessThan(whole).isGreaterThan(whole / 4);
        }
    }

    private static void assertRounded(String name, float[] before, float[] after, int from, int length) {
        float greatest = 0;
        for (int i = from; i < from + length; i++) {
            greatest = Math.max(greatest, Math.abs(before[i]));
        }
        float step = greatest / 127;
        for (int i = from; i < from + length; i++) {
            assertThat(Math.abs(after[i] - before[i])).as(name).isLessThanOrEqualTo(step * 0.5001f);
            assertThat(Math.abs(after[i] / step - Math.round(after[i] / step)))
                    .as(name)
                    .isLessThan(1e-3f);
        }
    }

    private static float[] values(Backbone backbone, String name) {
        Parameter parameter = backbone.publishedParameters().get(name);
        assertThat(parameter).as(name).isNotNull();
        return parameter.getArray().toFloatArray();
    }

    private static double figure(Backbone backbone) {
        return backbone.figures().getOrDefault("weight-bytes", 0.0);
    }

    @Test
    void compressionWithoutWeightsIsRefused() {
        assertThatThrownBy(() -> new Residual.Config(8, 1, Optional.empty(), 0.5, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("both need published weights");
        assertThatThrownBy(() -> new Residual.Config(8, 1, Optional.of("x"), 0, 16))
                .hasMessageContaining("weight-bits is 16; allowed are 2 to 8, and 32 for none");
    }

    @Test
    void aNewClassifierNeedsNoTensorOfTheFile() throws IOException {
        Path file = folder.resolve("resnet.safetensors");
        Map<String, Given> tensors = new LinkedHashMap<>();
        ResNet.Config fresh = new ResNet.Config(18, 0.03125, Optional.empty(), false);
        try (NDManager manager = NDManager.newBaseManager()) {
            Backbone backbone = new ResNet().create(fresh, SHAPE, 7);
            new Network(manager, backbone);
            backbone.publishedParameters().forEach((name, parameter) -> {
                Shape shape = parameter.getArray().getShape();
                tensors.put(name, Given.of(shape, new float[Math.toIntExact(shape.size())]));
            });
        }
        Files.move(written(tensors), file);
        assertThatThrownBy(() -> new ResNet()
                        .create(new ResNet.Config(18, 0.03125, Optional.of(file.toString()), false), SHAPE, 3))
                .hasMessageEndingWith("'fc.weight' has the shape (7, 16), this network needs (3, 16)");
        Backbone other =
                new ResNet().create(new ResNet.Config(18, 0.03125, Optional.of(file.toString()), true), SHAPE, 3);
        try (NDManager manager = NDManager.newBaseManager()) {
            new Network(manager, other);
            assertThat(values(other, "conv1.weight")).containsOnly(0f);
            assertThat(values(other, "fc.weight")).isNotEmpty().doesNotContain(0f);
        }
    }
}
