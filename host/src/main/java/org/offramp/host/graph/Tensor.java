package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A constant of a graph, outside the engine. Immutable. */
final class Tensor {
    private final Shape shape;
    private final DataType type;
    private final byte[] data;

    private Tensor(Shape shape, DataType type, byte[] data) {
        this.shape = shape;
        this.type = type;
        this.data = data;
    }

    static Tensor of(NDArray array) {
        ByteBuffer buffer = array.toByteBuffer();
        byte[] data = new byte[buffer.remaining()];
        buffer.get(data);
        return new Tensor(array.getShape(), array.getDataType(), data);
    }

    static Tensor of(Shape shape, float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return new Tensor(shape, DataType.FLOAT32, buffer.array());
    }

    static Tensor of(Shape shape, DataType type, byte[] data) {
        return new Tensor(shape, type, data);
    }

    Shape shape() {
        return shape;
    }

    DataType type() {
        return type;
    }

    /** The values in row-major order, little endian. */
    byte[] data() {
        return data;
    }

    float[] floats() {
        if (type != DataType.FLOAT32) {
            throw new IllegalStateException("a constant of type " + type + " where FLOAT32 is expected");
        }
        float[] values = new float[data.length / 4];
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor
                && shape.equals(tensor.shape)
                && type == tensor.type
                && Arrays.equals(data, tensor.data);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(data);
    }

    /** Whether all elements are the same bytes. */
    boolean isUniform() {
        int width = type.getNumOfBytes();
        for (int i = width; i < data.length; i++) {
            if (data[i] != data[i - width]) {
                return false;
            }
        }
        return data.length > 0;
    }

    /** The first element. */
    Number first() {
        ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case FLOAT32 -> buffer.getFloat();
            case FLOAT64 -> buffer.getDouble();
            case INT64 -> buffer.getLong();
            case INT32 -> buffer.getInt();
            case BOOLEAN, INT8, UINT8 -> (int) buffer.get();
            default -> throw new IllegalStateException("a constant of type " + type);
        };
    }

    /** The same values, laid out with the channels last; for four dimensions. */
    Tensor channelsLast() {
        float[] from = floats();
        float[] to = new float[from.length];
        int outer = (int) shape.get(0);
        int channels = (int) shape.get(1);
        int places = (int) (shape.get(2) * shape.get(3));
        for (int o = 0; o < outer; o++) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < places; p++) {
                    to[(o * places + p) * channels + c] = from[(o * channels + c) * places + p];
                }
            }
        }
        return of(shape, to);
    }
}
