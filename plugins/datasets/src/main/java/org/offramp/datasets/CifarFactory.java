package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Files;
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

/** CIFAR-10 and CIFAR-100 in their binary version: label bytes, then 3 × 32 × 32 pixels; unpacked, or in the published archive. */
final class CifarFactory implements DatasetFactory<CifarFactory.Config> {
    private static final int PIXELS = 3 * 32 * 32;
    private static final String SITE = "https://www.cs.toronto.edu/~kriz/";

    record Config(
            @Key("folder with the .bin files of the binary version, or with its .tar.gz")
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
    private final String archive;
    private final String sha256;

    private CifarFactory(
            String name,
            int labelBytes,
            List<String> classNames,
            List<String> trainFiles,
            String testFile,
            String archive,
            String sha256) {
        this.archive = archive;
        this.sha256 = sha256;
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
                "test_batch.bin",
                "cifar-10-binary.tar.gz",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd");
    }

    static CifarFactory cifar100() {
        return new CifarFactory(
                "cifar100",
                2,
                IntStream.range(0, 100).mapToObj(i -> "fine-" + i).toList(),
                List.of("train.bin"),
                "test.bin",
                "cifar-100-binary.tar.gz",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec");
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
        Contents files = files(config, source);
        return new LazyDataset(
                new Shape(3, 32, 32),
                classNames,
                read(files, "train", trainFiles, config.train()),
                () -> read(files, "test", List.of(testFile), config.test()));
    }

    /** Where the .bin files come from. */
    private interface Contents {
        /** The bytes of the named files, in order. */
        List<byte[]> read(List<String> names);
    }

    private Contents files(Config config, DataSource source) {
        if (config.path().isEmpty()) {
            return TarFile.at(source.download(URI.create(SITE + archive), sha256))::read;
        }
        Path folder = DataFiles.folder(source, config.path(), name);
        Path packed = folder.resolve(archive);
        return Files.isRegularFile(packed)
                ? TarFile.at(packed)::read
                : names -> names.stream()
                        .map(file -> DataFiles.read(DataFiles.find(folder, file, file + ".gz")))
                        .toList();
    }

    private Examples read(Contents files, String split, List<String> names, Optional<Integer> limit) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int row = labelBytes + PIXELS;
        List<byte[]> contents = files.read(names);
        for (int i = 0; i < names.size(); i++) {
            byte[] bytes = contents.get(i);
            if (bytes.length == 0 || bytes.length % row != 0) {
                throw new DatasetException(
                        names.get(i) + ": " + bytes.length + " bytes are not a whole number of samples of " + row);
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
        DataFiles.checkLabels(Path.of(names.get(0)), labels, classNames.size());
        return StoredExamples.ofBytes(split, pixels, PIXELS, labels);
    }
}
