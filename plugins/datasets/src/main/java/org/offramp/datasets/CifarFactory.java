package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** CIFAR-10 and CIFAR-100 in their binary version: label bytes, then 3 × 32 × 32 pixels. */
final class CifarFactory implements DatasetFactory<CifarFactory.Config> {
    private static final int PIXELS = 3 * 32 * 32;

    record Config(
            @Key("folder with the .bin files of the binary version")
            Optional<String> path,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test) {}

    private final String name;
    private final int labelBytes;
    private final List<String> classNames;
    private final List<String> trainFiles;
    private final String testFile;

    private CifarFactory(
            String name, int labelBytes, List<String> classNames, List<String> trainFiles, String testFile) {
        this.name = name;
        this.labelBytes = labelBytes;
        this.classNames = classNames;
        this.trainFiles = trainFiles;
        this.testFile = testFile;
    }

    static CifarFactory cifar10() {
        return new CifarFactory(
                "cifar10",
                1,
                List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
                IntStream.rangeClosed(1, 5)
                        .mapToObj(i -> "data_batch_" + i + ".bin")
                        .toList(),
                "test_batch.bin");
    }

    static CifarFactory cifar100() {
        return new CifarFactory(
                "cifar100",
                2,
                IntStream.range(0, 100).mapToObj(i -> "fine-" + i).toList(),
                List.of("train.bin"),
                "test.bin");
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
        return new LazyDataset(
                new Shape(3, 32, 32),
                classNames,
                read(folder, "train", trainFiles, config.train()),
                () -> read(folder, "test", List.of(testFile), config.test()));
    }

    private Examples read(Path folder, String split, List<String> files, Optional<Integer> limit) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int row = labelBytes + PIXELS;
        for (String file : files) {
            Path path = DataFiles.find(folder, file, file + ".gz");
            byte[] bytes = DataFiles.read(path);
            if (bytes.length == 0 || bytes.length % row != 0) {
                throw new DatasetException(
                        path + ": " + bytes.length + " bytes are not a whole number of samples of " + row);
            }
            all.writeBytes(bytes);
        }
        byte[] bytes = all.toByteArray();
        int size = StoredExamples.limited(bytes.length / row, limit, "data." + split);
        byte[] pixels = new byte[Math.multiplyExact(size, PIXELS)];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = bytes[i * row + labelBytes - 1] & 0xff;
            System.arraycopy(bytes, i * row + labelBytes, pixels, i * PIXELS, PIXELS);
        }
        DataFiles.checkLabels(folder, labels, classNames.size());
        return StoredExamples.ofBytes(split, pixels, PIXELS, labels);
    }
}
