package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Writes safetensors files, right and wrong ones. */
final class Safetensors {
    private Safetensors() {}

    /** A tensor as the header describes it, with its bytes. */
    record Given(String type, String shape, byte[] bytes) {
        static Given of(Shape shape, float[] values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : values) {
                bytes.putFloat(value);
            }
            return new Given("F32", Arrays.toString(shape.getShape()), bytes.array());
        }
    }

    static Path write(Path file, Map<String, Given> tensors) throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, given) -> {
            header.append(",\"" + name + "\":{\"dtype\":\"" + given.type() + "\",\"shape\":" + given.shape()
                    + ",\"data_offsets\":[" + data.size() + "," + (data.size() + given.bytes().length) + "]}");
            data.writeBytes(given.bytes());
        });
        return write(file, header.append('}').toString(), data.toByteArray());
    }

    static Path write(Path file, String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text).put(data);
        return Files.write(file, bytes.array());
    }
}
