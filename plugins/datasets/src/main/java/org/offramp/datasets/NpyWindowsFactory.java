package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** Windows of sensor readings as NumPy arrays (samples, channels, time), with labels and, where there are, subjects. */
final class NpyWindowsFactory implements DatasetFactory<NpyWindowsFactory.Config> {
    private static final Pattern HEADER = Pattern.compile(
            "\\{\\s*'descr':\\s*'([<>|=]?[a-z]\\d+)',\\s*'fortran_order':\\s*(True|False),\\s*'shape':\\s*\\(([0-9,"
                    + " ]*)\\),?\\s*\\}\\s*");

    record Config(
            @Key("folder with train-windows.npy, train-labels.npy, test-…, and …-subjects.npy where known; gzip or not")
            Optional<String> path,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test,

            @Key("file of windows without labels, .npy, gzip or not")
            Optional<String> unlabelled,

            @Key(
                    value = "readings between the beginnings of two windows, for streams",
                    defaultValue = "64",
                    min = 1,
                    max = 1_000_000)
            int stride,

            @Key(value = "readings a second (Hz), for streams; 0 where it is not known", defaultValue = "50.0", min = 0)
            double rate) {}

    private final String name;
    private final List<String> classNames;

    private NpyWindowsFactory(String name, List<String> classNames) {
        this.name = name;
        this.classNames = classNames;
    }

    static NpyWindowsFactory motionSense() {
        return new NpyWindowsFactory(
                "motionsense", List.of("downstairs", "upstairs", "walking", "jogging", "sitting", "standing"));
    }

    static NpyWindowsFactory generic() {
        return new NpyWindowsFactory("npy-windows", List.of());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        Path folder = DataFiles.folder(source, config.path(), name);
        Array windows = windows(folder, "train");
        int[] labels = labels(folder, "train", windows);
        List<String> names = classNames.isEmpty()
                ? IntStream.rangeClosed(0, Arrays.stream(labels).max().orElse(0))
                        .mapToObj(String::valueOf)
                        .toList()
                : classNames;
        Shape shape = new Shape(windows.shape[1], windows.shape[2]);
        Examples train = examples(folder, "train", windows, labels, names, config.train());
        Optional<Examples> unlabelled = config.unlabelled()
                .map(path -> like(windows, windows(DataFiles.unlabelled(source, path))))
                .map(others ->
                        StoredExamples.unlabelled(values(others, others.shape[0]), Math.toIntExact(shape.size())));
        return new LazyDataset(
                shape,
                names,
                OptionalInt.empty(),
                Map.of(),
                train,
                () -> {
                    Array test = like(windows, windows(folder, "test"));
                    return examples(folder, "test", test, labels(folder, "test", test), names, config.test());
                },
                unlabelled);
    }

    private static Array like(Array train, Array others) {
        if (others.shape[1] != train.shape[1] || others.shape[2] != train.shape[2]) {
            throw new DatasetException(others.file + ": windows of " + others.shape[1] + " × " + others.shape[2]
                    + ", the training windows are " + new Shape(train.shape[1], train.shape[2]));
        }
        return others;
    }

    private static Array windows(Path folder, String split) {
        return windows(DataFiles.find(folder, split + "-windows.npy.gz", split + "-windows.npy"));
    }

    private static Array windows(Path file) {
        Array windows = Array.read(file);
        if (windows.shape.length != 3) {
            throw new DatasetException(
                    windows.file + ": " + windows.shape.length + " dimensions; (samples, channels, time) is expected");
        }
        return windows;
    }

    private static int[] labels(Path folder, String split, Array windows) {
        Array labels = Array.read(DataFiles.find(folder, split + "-labels.npy.gz", split + "-labels.npy"));
        if (labels.shape.length != 1 || labels.shape[0] != windows.shape[0]) {
            throw new DatasetException(windows.file + " holds " + windows.shape[0] + " windows, " + labels.file + " "
                    + labels.size() + " labels");
        }
        return IntStream.range(0, labels.size()).map(i -> (int) labels.value(i)).toArray();
    }

    private static Examples examples(
            Path folder, String split, Array windows, int[] labels, List<String> names, Optional<Integer> limit) {
        DataFiles.checkLabels(windows.file, labels, names.size());
        int size = StoredExamples.limited(labels.length, limit, "data." + split);
        float[] values = values(windows, size);
        List<String> groups = new ArrayList<>();
        boolean known = Files.exists(folder.resolve(split + "-subjects.npy.gz"))
                || Files.exists(folder.resolve(split + "-subjects.npy"));
        if (known) {
            Array subjects = Array.read(DataFiles.find(folder, split + "-subjects.npy.gz", split + "-subjects.npy"));
            if (subjects.size() != labels.length) {
                throw new DatasetException(
                        subjects.file + " holds " + subjects.size() + " subjects for " + labels.length + " windows");
            }
            IntStream.range(0, size).forEach(i -> groups.add("subject-" + (int) subjects.value(i)));
        }
        return StoredExamples.ofFloats(
                split, values, windows.shape[1] * windows.shape[2], Arrays.copyOf(labels, size), groups);
    }

    private static float[] values(Array windows, int size) {
        int sampleSize = windows.shape[1] * windows.shape[2];
        float[] values = new float[size * sampleSize];
        for (int i = 0; i < values.length; i++) {
            values[i] = windows.value(i);
            if (!Float.isFinite(values[i])) {
                throw new DatasetException(windows.file + ": window " + i / sampleSize + ", channel "
                        + i % sampleSize / windows.shape[2] + ", time " + i % windows.shape[2] + " is " + values[i]);
            }
        }
        return values;
    }

    /** A NumPy array of numbers in row-major order; its header is not trusted. */
    private static final class Array {
        private final Path file;
        private final String type;
        private final int[] shape;
        private final ByteBuffer data;

        private Array(Path file, String type, int[] shape, ByteBuffer data) {
            this.file = file;
            this.type = type;
            this.shape = shape;
            this.data = data;
        }

        static Array read(Path file) {
            byte[] bytes = DataFiles.read(file);
            if (bytes.length < 12
                    || (bytes[0] & 0xff) != 0x93
                    || !new String(bytes, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY")) {
                throw new DatasetException(file + ": not a .npy file");
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int begin = bytes[6] == 1 ? 10 : 12;
            long length = bytes[6] == 1 ? buffer.getShort(8) & 0xffff : buffer.getInt(8) & 0xffffffffL;
            if (begin + length > bytes.length) {
                throw new DatasetException(file + ": the header is cut off");
            }
            String header = new String(bytes, begin, (int) length, StandardCharsets.ISO_8859_1);
            Matcher matcher = HEADER.matcher(header);
            if (!matcher.matches() || matcher.group(2).equals("True")) {
                throw new DatasetException(
                        file + ": the header " + header.strip() + " does not describe a row-major array of numbers");
            }
            String type = matcher.group(1).replaceFirst("^[<|=]", "");
            int width = switch (type) {
                case "f2", "i2" -> 2;
                case "f4", "i4" -> 4;
                case "f8", "i8" -> 8;
                case "u1", "i1" -> 1;
                default ->
                    throw new DatasetException(file + ": numbers of type '" + matcher.group(1)
                            + "'; allowed are f2, f4, f8, u1, i1, i2, i4, i8, little endian");
            };
            long size = 1;
            List<Integer> shape = new ArrayList<>();
            for (String part : matcher.group(3).split(",", -1)) {
                if (!part.isBlank()) {
                    int extent = Integer.parseInt(part.strip());
                    shape.add(extent);
                    size = Math.multiplyExact(size, (long) extent);
                }
            }
            long needed = begin + length + size * width;
            if (needed != bytes.length) {
                throw new DatasetException(
                        file + ": the header promises " + needed + " bytes; there are " + bytes.length);
            }
            ByteBuffer data =
                    buffer.slice((int) (begin + length), (int) (size * width)).order(ByteOrder.LITTLE_ENDIAN);
            return new Array(
                    file, type, shape.stream().mapToInt(Integer::intValue).toArray(), data);
        }

        int size() {
            return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        }

        float value(int index) {
            return switch (type) {
                case "f2" -> halfToFloat(data.getShort(2 * index));
                case "f4" -> data.getFloat(4 * index);
                case "f8" -> (float) data.getDouble(8 * index);
                case "u1" -> data.get(index) & 0xff;
                case "i1" -> data.get(index);
                case "i2" -> data.getShort(2 * index);
                case "i4" -> data.getInt(4 * index);
                default -> data.getLong(8 * index);
            };
        }

        /** IEEE 754 half precision; Java has the conversion from version 20 on only. */
        private static float halfToFloat(short half) {
            int sign = half < 0 ? -1 : 1;
            int exponent = (half >> 10) & 0x1f;
            int fraction = half & 0x3ff;
            if (exponent == 0x1f) {
                return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
            }
            return exponent == 0 ? sign * fraction * 0x1p-24f : sign * Math.scalb(1f + fraction / 1024f, exponent - 15);
        }
    }
}
