package org.offramp.host.graph;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the one kind of pickle that {@link Pickle} writes; anything else in it is refused. */
final class PickleReader {
    private static final Map<String, Integer> WIDTHS = Map.of(
            "FloatStorage", 4,
            "DoubleStorage", 8,
            "LongStorage", 8,
            "IntStorage", 4,
            "BoolStorage", 1,
            "CharStorage", 1,
            "ByteStorage", 1);
    private static final int MOST_DIMENSIONS = 16;

    private final ByteBuffer in;

    private PickleReader(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A tensor attribute.
     *
     * @param storage the number of the file that holds its values
     * @param bytes how many bytes that file must have
     */
    record Attribute(int storage, long bytes) {}

    /**
     * The attributes by name.
     *
     * @param bytes the file {@code data.pkl}
     * @throws ArchiveException if it is not what {@link Pickle} writes, or a tensor reaches beyond its values
     */
    static Map<String, Attribute> read(byte[] bytes) {
        try {
            return new PickleReader(bytes).attributes();
        } catch (BufferUnderflowException e) {
            throw new ArchiveException("data.pkl ends too early");
        }
    }

    private Map<String, Attribute> attributes() {
        bytes(0x80, 2);
        global("__torch__", "Net");
        bytes(')', 0x81, '}', '(');
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        while (in.get(in.position()) == 'X') {
            String name = text();
            require(name.matches("[A-Za-z_]\\w*"), "an attribute is called '" + name + "'");
            require(attributes.put(name, tensor()) == null, "the attribute '" + name + "' is there twice");
        }
        bytes('u', 'b', '.');
        require(!in.hasRemaining(), "data.pkl goes on after its end");
        return attributes;
    }

    private Attribute tensor() {
        global("torch._utils", "_rebuild_tensor_v2");
        bytes('(', '(');
        require(text().equals("storage"), "data.pkl holds something that is not a tensor");
        bytes('c');
        require(line().equals("torch"), "data.pkl names a class that is not a storage");
        String type = line();
        Integer width = WIDTHS.get(type);
        if (width == null) {
            throw new ArchiveException("data.pkl names the class torch." + type);
        }
        String storage = text();
        require(storage.matches("\\d{1,9}"), "a storage is called '" + storage + "'");
        require(text().equals("cpu"), "a tensor is not in the processor's memory");
        long elements = number();
        bytes('t', 'Q');
        require(number() == 0, "a tensor begins in the middle of its values");
        List<Long> shape = numbers();
        List<Long> strides = numbers();
        bytes(0x89);
        global("collections", "OrderedDict");
        bytes(')', 'R', 't', 'R');
        require(
                elements >= 0 && elements <= Integer.MAX_VALUE && fits(shape, strides, elements),
                "the tensor with storage " + storage + " reaches beyond its " + elements + " values");
        return new Attribute(Integer.parseInt(storage), elements * width);
    }

    private static boolean fits(List<Long> shape, List<Long> strides, long elements) {
        if (shape.size() != strides.size()) {
            return false;
        }
        long size = 1;
        long last = 0;
        for (int i = 0; i < shape.size(); i++) {
            long length = shape.get(i);
            long stride = strides.get(i);
            if (length < 0 || length > elements || stride < 0 || stride > Math.max(1, elements)) {
                return false;
            }
            size *= length;
            last += Math.max(0, length - 1) * stride;
            if (size > elements || last >= Math.max(1, elements)) {
                return false;
            }
        }
        return size == elements;
    }

    private List<Long> numbers() {
        bytes('(');
        List<Long> numbers = new ArrayList<>();
        while (in.get(in.position()) != 't' && numbers.size() < MOST_DIMENSIONS) {
            numbers.add(number());
        }
        bytes('t');
        return numbers;
    }

    private long number() {
        byte kind = in.get();
        if (kind == 'J') {
            return in.getInt();
        }
        require(kind == (byte) 0x8a && in.get() == 8, "data.pkl holds something that is not a number");
        return in.getLong();
    }

    private void global(String module, String name) {
        bytes('c');
        String found = line() + "." + line();
        require(found.equals(module + "." + name), "data.pkl names " + found);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (byte next = in.get(); next != '\n'; next = in.get()) {
            line.append((char) (next & 0xff));
        }
        return line.toString();
    }

    private String text() {
        bytes('X');
        int length = in.getInt();
        require(length >= 0 && length <= in.remaining(), "a name in data.pkl is longer than the file");
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private void bytes(int... expected) {
        for (int each : expected) {
            int found = in.get() & 0xff;
            require(found == each, "data.pkl holds the instruction " + found + " at " + (in.position() - 1));
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ArchiveException(otherwise);
        }
    }
}
