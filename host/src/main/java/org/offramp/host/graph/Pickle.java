package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the one kind of pickle that a TorchScript archive needs: an object of class {@code Net} whose attributes are tensors. */
final class Pickle {
    private static final int MARK = '(';
    private static final int TUPLE = 't';
    private static final int EMPTY_TUPLE = ')';
    private static final int REDUCE = 'R';

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void begin() {
        out.write(0x80);
        out.write(2);
        global("__torch__", "Net");
        out.write(EMPTY_TUPLE);
        out.write(0x81);
        out.write('}');
        out.write(MARK);
    }

    void tensor(String name, int storage, DataType type, long[] shape, long[] strides) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        text(name);
        global("torch._utils", "_rebuild_tensor_v2");
        out.write(MARK);
        out.write(MARK);
        text("storage");
        global("torch", storageOf(type));
        text(Integer.toString(storage));
        text("cpu");
        number(elements);
        out.write(TUPLE);
        out.write('Q');
        number(0);
        numbers(shape);
        numbers(strides);
        out.write(0x89);
        global("collections", "OrderedDict");
        out.write(EMPTY_TUPLE);
        out.write(REDUCE);
        out.write(TUPLE);
        out.write(REDUCE);
    }

    byte[] end() {
        out.write('u');
        out.write('b');
        out.write('.');
        return out.toByteArray();
    }

    private static String storageOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> "FloatStorage";
            case FLOAT64 -> "DoubleStorage";
            case INT64 -> "LongStorage";
            case INT32 -> "IntStorage";
            case BOOLEAN -> "BoolStorage";
            case INT8 -> "CharStorage";
            case UINT8 -> "ByteStorage";
            default -> throw new UntraceableException("a constant of the data type " + type);
        };
    }

    private void global(String module, String name) {
        out.write('c');
        ascii(module + "\n" + name + "\n");
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        little(4, bytes.length);
        out.writeBytes(bytes);
    }

    private void numbers(long[] numbers) {
        out.write(MARK);
        for (long number : numbers) {
            number(number);
        }
        out.write(TUPLE);
    }

    private void number(long number) {
        if (number == (int) number) {
            out.write('J');
            little(4, number);
        } else {
            out.write(0x8a);
            out.write(8);
            little(8, number);
        }
    }

    private void little(int bytes, long number) {
        byte[] all = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array();
        out.write(all, 0, bytes);
    }

    private void ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
