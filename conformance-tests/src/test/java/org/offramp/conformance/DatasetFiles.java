package org.offramp.conformance;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Small files of every format that the built-in datasets read, one folder each; they go when the JVM ends. */
final class DatasetFiles {
    private static final int TRAIN = 24;
    private static final int TEST = 12;

    private final Path root;

    private DatasetFiles() throws IOException {
        root = folder(Files.createTempDirectory("offramp-datasets"));
    }

    /** Writes them all. */
    static DatasetFiles write() throws IOException {
        DatasetFiles files = new DatasetFiles();
        files.idx();
        files.cifar();
        files.digits();
        files.windows();
        files.images();
        files.texts();
        return files;
    }

    /** The key of a folder, in YAML. */
    String path(String folder) {
        return "path: '" + root.resolve(folder) + "'";
    }

    private void idx() throws IOException {
        Path folder = folder(root.resolve("idx"));
        for (int size : new int[] {TRAIN, TEST}) {
            String split = size == TRAIN ? "train" : "t10k";
            ByteBuffer images = ByteBuffer.allocate(16 + size * 6 * 5);
            images.putInt(0x803).putInt(size).putInt(6).putInt(5).put(bytes(size * 6 * 5, size));
            write(folder.resolve(split + "-images-idx3-ubyte"), images.array());
            ByteBuffer labels = ByteBuffer.allocate(8 + size);
            labels.putInt(0x801).putInt(size).put(labels(size, i -> i % 10));
            write(folder.resolve(split + "-labels-idx1-ubyte"), labels.array());
        }
    }

    private void cifar() throws IOException {
        Path ten = folder(root.resolve("cifar10"));
        for (int batch = 1; batch <= 5; batch++) {
            write(ten.resolve("data_batch_" + batch + ".bin"), rows(TRAIN, batch, 1, i -> i % 10));
        }
        write(ten.resolve("test_batch.bin"), rows(TEST, 6, 1, i -> i % 10));
        Path hundred = folder(root.resolve("cifar100"));
        write(hundred.resolve("train.bin"), rows(5 * TRAIN, 7, 2, i -> i % 100));
        write(hundred.resolve("test.bin"), rows(TEST, 8, 2, i -> 99 - i));
    }

    /** Rows of labels, of which the last is the class, and three planes of 32 × 32. */
    private static byte[] rows(int size, int seed, int labels, IntUnaryOperator classes) {
        ByteBuffer rows = ByteBuffer.allocate(size * (labels + 3072));
        for (int i = 0; i < size; i++) {
            rows.put(new byte[labels - 1]).put((byte) classes.applyAsInt(i)).put(bytes(3072, 100 * seed + i));
        }
        return rows.array();
    }

    private void digits() throws IOException {
        Path folder = folder(root.resolve("digits"));
        for (int size : new int[] {TRAIN, TEST}) {
            String rows = IntStream.range(0, size)
                    .mapToObj(row -> IntStream.range(0, 64)
                                    .mapToObj(i -> (i * (row + 3) + size) % 17 + ",")
                                    .collect(Collectors.joining())
                            + row % 10 + "\n")
                    .collect(Collectors.joining());
            write(folder.resolve(size == TRAIN ? "train.csv" : "test.csv"), rows.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void windows() throws IOException {
        Path folder = folder(root.resolve("windows"));
        for (int size : new int[] {TRAIN, TEST}) {
            String split = size == TRAIN ? "train" : "test";
            ByteBuffer values = ByteBuffer.allocate(size * 3 * 8 * 4).order(ByteOrder.LITTLE_ENDIAN);
            for (byte value : bytes(size * 3 * 8, size)) {
                values.putFloat(value / 16f);
            }
            write(folder.resolve(split + "-windows.npy"), npy("<f4", size + ", 3, 8", values.array()));
            byte[] labels = labels(size, i -> i % 6);
            write(folder.resolve(split + "-labels.npy"), npy("|u1", size + ",", labels));
            byte[] subjects = labels(size, i -> size + i / 4);
            write(folder.resolve(split + "-subjects.npy"), npy("|u1", size + ",", subjects));
        }
    }

    private static byte[] npy(String type, String shape, byte[] data) {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        header += " ".repeat(63 - (10 + header.length()) % 64) + "\n";
        return ByteBuffer.allocate(10 + header.length() + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.ISO_8859_1))
                .put(data)
                .array();
    }

    private void images() throws IOException {
        Path folder = folder(root.resolve("images"));
        for (int size : new int[] {TRAIN, TEST}) {
            Path split = folder(folder.resolve(size == TRAIN ? "train" : "test"));
            for (String kind : new String[] {"cat", "dog", "owl"}) {
                Path images = folder(split.resolve(kind));
                for (int i = 0; i < size / 3; i++) {
                    BufferedImage image = new BufferedImage(7, 5, BufferedImage.TYPE_INT_RGB);
                    ByteBuffer colours = ByteBuffer.wrap(bytes(7 * 5 * 4, 10 * size + i + kind.hashCode()));
                    for (int pixel = 0; pixel < 7 * 5; pixel++) {
                        image.setRGB(pixel % 7, pixel / 7, colours.getInt());
                    }
                    Path file = kept(images.resolve(i + ".png"));
                    ImageIO.write(image, "png", file.toFile());
                }
            }
        }
    }

    private void texts() throws IOException {
        Path folder = folder(root.resolve("texts"));
        String[] words = {"card", "lost", "top", "up", "where", "is", "my", "money"};
        for (int size : new int[] {TRAIN, TEST}) {
            String rows = IntStream.range(0, size)
                    .mapToObj(row -> "\"" + words[row % 8] + ", " + words[(row * 5 + size) % 8] + "\",topic-" + row % 3)
                    .collect(Collectors.joining("\n", "text,category\n", "\n"));
            write(folder.resolve(size == TRAIN ? "train.csv" : "test.csv"), rows.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static byte[] labels(int size, IntUnaryOperator classes) {
        byte[] labels = new byte[size];
        for (int i = 0; i < size; i++) {
            labels[i] = (byte) classes.applyAsInt(i);
        }
        return labels;
    }

    /** Any bytes, others for every seed. */
    private static byte[] bytes(int count, int seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.write(kept(file), bytes);
    }

    private static Path folder(Path path) throws IOException {
        return kept(Files.createDirectories(path));
    }

    private static Path kept(Path path) {
        path.toFile().deleteOnExit();
        return path;
    }
}
