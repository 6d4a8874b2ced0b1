package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A safetensors file: eight bytes with the header's length, a JSON header, the values. The header comes from outside, so all of it is
 * checked before a value is read: its length, data types, shapes, and that the tensors fill the data without gap or overlap. Values are
 * read on request; the file must not change meanwhile.
 */
final class SafetensorsFile {
    /** The format's own limit. */
    private static final long MOST_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    private static final Map<String, Integer> BYTES = Map.ofEntries(
            Map.entry("F64", 8),
            Map.entry("I64", 8),
            Map.entry("U64", 8),
            Map.entry("F32", 4),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("I16", 2),
            Map.entry("U16", 2),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("I8", 1),
            Map.entry("U8", 1),
            Map.entry("BOOL", 1));

    private final Path file;
    private final long dataBegin;
    private final Map<String, Entry> entries;

    private record Entry(String type, Shape shape, long begin, long end) {}

    private SafetensorsFile(Path file, long dataBegin, Map<String, Entry> entries) {
        this.file = file;
        this.dataBegin = dataBegin;
        this.entries = entries;
    }

    /**
     * Reads and checks the header.
     *
     * @param file the file
     * @throws IllegalArgumentException if it is not a whole safetensors file; the message names the tensor at fault
     */
    static SafetensorsFile open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("weights: there is no file " + file.toAbsolutePath());
        }
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw wrong(file, "truncated: it has " + size + " bytes");
            }
            long length = read(channel, 0, LENGTH_BYTES).getLong();
            if (length < 2 || length > MOST_HEADER_BYTES) {
                throw wrong(
                        file,
                        "not a safetensors file: its header would have " + Long.toUnsignedString(length)
                                + " bytes; allowed are 2 to " + MOST_HEADER_BYTES);
            }
            if (length > size - LENGTH_BYTES) {
                throw wrong(file, "truncated: its header has " + length + " bytes, the file " + size);
            }
            String header = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(read(channel, LENGTH_BYTES, Math.toIntExact(length)))
                    .toString();
            Map<String, Entry> entries = header(file, header);
            checkPlaces(file, entries, size - LENGTH_BYTES - length);
            return new SafetensorsFile(file, LENGTH_BYTES + length, entries);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("weights: " + file + ": its header is not UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("weights: " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Entry> header(Path file, String text) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (JsonReader json = new JsonReader(new StringReader(text))) {
            json.setStrictness(Strictness.STRICT);
            json.beginObject();
            while (json.hasNext()) {
                String name = json.nextName();
                if (name.equals("__metadata__")) {
                    json.skipValue();
                } else if (entries.put(name, entry(file, name, json)) != null) {
                    throw wrong(file, "the tensor '" + name + "' is there twice");
                }
            }
            json.endObject();
            return entries;
        } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
            throw new IllegalArgumentException("weights: " + file + ": its header is wrong: " + e.getMessage(), e);
        }
    }

    private static Entry entry(Path file, String name, JsonReader json) throws IOException {
        String type = "";
        List<Long> shape = null;
        List<Long> place = List.of();
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            switch (key) {
                case "dtype" -> type = json.nextString();
                case "shape" -> shape = numbers(json);
                case "data_offsets" -> place = numbers(json);
                default -> throw wrong(file, "the tensor '" + name + "' has the unknown key '" + key + "'");
            }
        }
        json.endObject();
        Integer bytes = BYTES.get(type);
        if (bytes == null) {
            throw wrong(file, "the tensor '" + name + "' has the data type '" + type + "', which is not known");
        }
        if (shape == null || shape.stream().anyMatch(side -> side < 0)) {
            throw wrong(file, "the tensor '" + name + "' has the shape " + shape);
        }
        if (place.size() != 2 || place.get(0) < 0 || place.get(1) < place.get(0)) {
            throw wrong(file, "the tensor '" + name + "' has the data offsets " + place);
        }
        long begin = place.get(0);
        long end = place.get(1);
        if (bytes(shape, bytes).filter(needed -> needed == end - begin).isEmpty()) {
            throw wrong(
                    file,
                    "the tensor '" + name + "', " + type + " of shape " + shape + ", has " + (end - begin) + " bytes");
        }
        return new Entry(
                type, new Shape(shape.stream().mapToLong(Long::longValue).toArray()), begin, end);
    }

    private static Optional<Long> bytes(List<Long> shape, long each) {
        try {
            long product = each;
            for (long side : shape) {
                product = Math.multiplyExact(product, side);
            }
            return Optional.of(product);
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static List<Long> numbers(JsonReader json) throws IOException {
        List<Long> numbers = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            numbers.add(json.nextLong());
        }
        json.endArray();
        return numbers;
    }

    private static void checkPlaces(Path file, Map<String, Entry> entries, long data) {
        List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
        ordered.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> entry) -> entry.getValue().begin())
                .thenComparingLong(entry -> entry.getValue().end()));
        long filled = 0;
        for (Map.Entry<String, Entry> entry : ordered) {
            Entry tensor = entry.getValue();
            if (tensor.end() > data) {
                throw wrong(
                        file,
                        "truncated: the tensor '" + entry.getKey() + "' ends at byte " + tensor.end()
                                + " of the data, of which there are " + data);
            }
            if (tensor.begin() != filled) {
                throw wrong(
                        file,
                        "the tensor '" + entry.getKey() + "' begins at byte " + tensor.begin() + " of the data, "
                                + (tensor.begin() < filled ? "inside the one before it" : "behind a gap")
                                + ", which ends at byte " + filled);
            }
            filled = tensor.end();
        }
        if (filled != data) {
            throw wrong(file, (data - filled) + " bytes at its end belong to no tensor");
        }
    }

    /** The file, for messages. */
    Path file() {
        return file;
    }

    /** The names of all tensors, in the header's order. */
    Set<String> names() {
        return entries.keySet();
    }

    /**
     * The shape of a tensor.
     *
     * @param name one of {@link #names()}
     */
    Shape shape(String name) {
        return entry(name).shape();
    }

    /**
     * Whether a tensor holds numbers that can be read as float.
     *
     * @param name one of {@link #names()}
     */
    boolean isReal(String name) {
        return Set.of("F64", "F32", "F16", "BF16").contains(entry(name).type());
    }

    /**
     * The values of a tensor, row by row; F64, F16 and BF16 are turned into float.
     *
     * @param name one of {@link #names()}
     * @throws IllegalArgumentException if its data type is not one of real numbers, or the file was cut since it was opened
     */
    float[] values(String name) {
        Entry entry = entry(name);
        if (!isReal(name)) {
            throw wrong(file, "the tensor '" + name + "' is " + entry.type() + "; F32, F16, BF16 or F64 is needed");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = read(channel, dataBegin + entry.begin(), Math.toIntExact(entry.end() - entry.begin()));
            float[] values = new float[Math.toIntExact(entry.shape().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (entry.type()) {
                    case "F32" -> bytes.getFloat();
                    case "F64" -> (float) bytes.getDouble();
                    case "BF16" -> Float.intBitsToFloat(bytes.getShort() << 16);
                    default -> half(bytes.getShort());
                };
            }
            return values;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "weights: " + file + ": the tensor '" + name + "' cannot be read: " + e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "weights: " + file + ": the tensor '" + name + "' has more than 2 GiB", e);
        }
    }

    /** IEEE 754 binary16. */
    private static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float size = exponent == 0
                ? fraction * 0x1p-24f
                : exponent == 0x1f
                        ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                        : (1 + fraction * 0x1p-10f) * Math.scalb(1f, exponent - 15);
        return bits < 0 ? -size : size;
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw wrong(file, "there is no tensor '" + name + "'");
        }
        return entry;
    }

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        if (from + length > channel.size()) {
            throw new IOException("the file ends at byte " + channel.size());
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new IOException("the file ends before byte " + (from + length));
            }
        }
        return bytes.flip();
    }

    private static IllegalArgumentException wrong(Path file, String what) {
        return new IllegalArgumentException("weights: " + file + ": " + what);
    }
}
