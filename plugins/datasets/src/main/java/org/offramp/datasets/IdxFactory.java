package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** Images and labels in the IDX format of the MNIST family, gzip or not. */
final class IdxFactory implements DatasetFactory<IdxFactory.Config> {
    private static final int IMAGES = 0x00000803;
    private static final int LABELS = 0x00000801;
    private static final List<String> FASHION = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    record Config(
            @Key("folder with the four IDX files, gzip or not")
            Optional<String> path,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test,

            @Key("IDX file of images without labels, gzip or not")
            Optional<String> unlabelled) {}

    private final String name;
    private final List<String> classNames;
    private final String site;
    private final Map<String, String> published;

    private IdxFactory(String name, List<String> classNames, String site, Map<String, String> published) {
        this.name = name;
        this.classNames = classNames;
        this.site = site;
        this.published = published;
    }

    static IdxFactory fashionMnist() {
        return new IdxFactory(
                "fashion-mnist",
                FASHION,
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                Map.of(
                        "train-images-idx3-ubyte",
                        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                        "train-labels-idx1-ubyte",
                        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                        "t10k-images-idx3-ubyte",
                        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                        "t10k-labels-idx1-ubyte",
                        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"));
    }

    static IdxFactory mnist() {
        return new IdxFactory(
                "mnist",
                digits(10),
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                Map.of(
                        "train-images-idx3-ubyte",
                        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                        "train-labels-idx1-ubyte",
                        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                        "t10k-images-idx3-ubyte",
                        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                        "t10k-labels-idx1-ubyte",
                        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"));
    }

    static IdxFactory generic() {
        return new IdxFactory("idx", List.of(), "", Map.of());
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
        Path trainImages = file(config, source, "train-images-idx3-ubyte");
        Path trainLabels = file(config, source, "train-labels-idx1-ubyte");
        int[] labels = labels(trainLabels);
        List<String> names =
                classNames.isEmpty() ? digits(Arrays.stream(labels).max().orElse(0) + 1) : classNames;
        ByteBuffer images = images(trainImages);
        Shape shape = shape(images);
        Examples train = examples("train", trainImages, images, trainLabels, labels, names, config.train());
        Optional<Examples> unlabelled = config.unlabelled()
                .map(path -> images(DataFiles.unlabelled(source, path), shape))
                .map(others ->
                        StoredExamples.unlabelled(pixels(others, others.getInt(4)), Math.toIntExact(shape.size())));
        return new LazyDataset(
                shape,
                names,
                OptionalInt.empty(),
                Map.of(),
                train,
                () -> {
                    Path testImages = file(config, source, "t10k-images-idx3-ubyte");
                    Path testLabels = file(config, source, "t10k-labels-idx1-ubyte");
                    ByteBuffer read = images(testImages, shape);
                    return examples("test", testImages, read, testLabels, labels(testLabels), names, config.test());
                },
                unlabelled);
    }

    private static ByteBuffer images(Path file, Shape train) {
        ByteBuffer read = images(file);
        if (!shape(read).equals(train)) {
            throw new DatasetException(file + ": images of " + shape(read) + ", the training images are " + train);
        }
        return read;
    }

    private static byte[] pixels(ByteBuffer images, int count) {
        byte[] pixels = new byte[count * images.getInt(8) * images.getInt(12)];
        images.get(16, pixels);
        return pixels;
    }

    private Path file(Config config, DataSource source, String base) {
        if (config.path().isEmpty() && published.containsKey(base)) {
            return source.download(URI.create(site + base + ".gz"), published.get(base));
        }
        return DataFiles.find(
                DataFiles.folder(source, config.path(), name), base + ".gz", base, base.replace("-idx", ".idx"));
    }

    private static Examples examples(
            String split,
            Path imageFile,
            ByteBuffer images,
            Path labelFile,
            int[] labels,
            List<String> names,
            Optional<Integer> limit) {
        if (images.getInt(4) != labels.length) {
            throw new DatasetException(imageFile + " holds " + images.getInt(4) + " images, " + labelFile + " "
                    + labels.length + " labels");
        }
        DataFiles.checkLabels(labelFile, labels, names.size());
        int size = StoredExamples.limited(labels.length, limit, "data." + split);
        int sampleSize = images.getInt(8) * images.getInt(12);
        return StoredExamples.ofBytes(split, pixels(images, size), sampleSize, Arrays.copyOf(labels, size));
    }

    private static ByteBuffer images(Path file) {
        ByteBuffer buffer = open(file, IMAGES, 16);
        long needed = 16L + (long) buffer.getInt(4) * buffer.getInt(8) * buffer.getInt(12);
        if (needed != buffer.capacity()) {
            throw new DatasetException(file + ": the header promises " + buffer.getInt(4) + " images of "
                    + buffer.getInt(8) + " × " + buffer.getInt(12) + ", " + needed + " bytes; there are "
                    + buffer.capacity());
        }
        return buffer;
    }

    private static int[] labels(Path file) {
        ByteBuffer buffer = open(file, LABELS, 8);
        if (buffer.capacity() != 8L + buffer.getInt(4)) {
            throw new DatasetException(file + ": the header promises " + buffer.getInt(4) + " labels; there are "
                    + (buffer.capacity() - 8));
        }
        return IntStream.range(8, buffer.capacity())
                .map(i -> buffer.get(i) & 0xff)
                .toArray();
    }

    private static ByteBuffer open(Path file, int magic, int header) {
        ByteBuffer buffer = ByteBuffer.wrap(DataFiles.read(file));
        if (buffer.capacity() < header || buffer.getInt(0) != magic) {
            throw new DatasetException(file + ": not an IDX file of the wanted kind; it should begin with "
                    + String.format("%08x", magic));
        }
        return buffer;
    }

    private static Shape shape(ByteBuffer images) {
        return new Shape(1, images.getInt(8), images.getInt(12));
    }

    private static List<String> digits(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }
}
