package org.offramp.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
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
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.Examples;
import org.offramp.api.TextEncoding;

class DatasetsTest {
    @TempDir
    private Path folder;

    private final DataSource source = new DataSource() {
        @Override
        public Path resolve(String path) {
            return Path.of(path);
        }

        @Override
        public Path download(URI uri, String sha256) {
            throw new DatasetException("no downloads in tests: " + uri);
        }
    };

    private Optional<String> path() {
        return Optional.of(folder.toString());
    }

    @Test
    void glyphsAreTheSameBytesEverywhere() {
        Examples train = glyphs(0.5).train();
        CRC32 crc = new CRC32();
        float[] sample = new float[256];
        for (int i = 0; i < 100; i++) {
            train.read(i, sample, 0);
            for (float value : sample) {
                crc.update(Math.round(255 * value));
            }
        }
        assertThat(crc.getValue()).isEqualTo(GLYPH_CRC);
    }

    private static final long GLYPH_CRC = 2202728482L;

    private Dataset glyphs(double difficulty) {
        return new GlyphsFactory().open(new GlyphsFactory.Config(200, 50, 10, 16, difficulty, 0, 1), source);
    }

    @Test
    void glyphsHaveBalancedClassesAndDifferentSplits() {
        Dataset glyphs = glyphs(0.5);
        assertThat(glyphs.sampleShape()).isEqualTo(new Shape(1, 16, 16));
        assertThat(glyphs.classNames()).hasSize(10).startsWith("0", "1");
        float[] train = new float[256];
        float[] test = new float[256];
        glyphs.train().read(0, train, 0);
        glyphs.test().read(0, test, 0);
        assertThat(train).isNotEqualTo(test);
        assertThat(glyphs.train().id(3)).isEqualTo("train-000003");
    }

    @Test
    void harderGlyphsAreFurtherFromTheirClassMean() {
        assertThat(spread(glyphs(1.0).train()))
                .isGreaterThan(1.2 * spread(glyphs(0.0).train()));
    }

    private static double spread(Examples examples) {
        double[] mean = new double[256];
        float[] sample = new float[256];
        int count = examples.size() / 10;
        for (int i = 0; i < count; i++) {
            examples.read(10 * i, sample, 0);
            for (int j = 0; j < 256; j++) {
                mean[j] += sample[j] / count;
            }
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            examples.read(10 * i, sample, 0);
            for (int j = 0; j < 256; j++) {
                sum += (sample[j] - mean[j]) * (sample[j] - mean[j]) / count;
            }
        }
        return sum;
    }

    private void idx(String name, int magic, int count, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer header =
                ByteBuffer.allocate(magic == 0x803 ? 16 : 8).putInt(magic).putInt(count);
        if (magic == 0x803) {
            header.putInt(2).putInt(3);
        }
        bytes.writeBytes(header.array());
        bytes.writeBytes(body);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name + ".gz")))) {
            out.write(bytes.toByteArray());
        }
    }

    private void idxFolder(int trainImages, byte... labels) throws IOException {
        byte[] pixels = new byte[trainImages * 6];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 7);
        }
        idx("train-images-idx3-ubyte", 0x803, trainImages, pixels);
        idx("train-labels-idx1-ubyte", 0x801, labels.length, labels);
        idx("t10k-images-idx3-ubyte", 0x803, 2, new byte[12]);
        idx("t10k-labels-idx1-ubyte", 0x801, 2, new byte[] {0, 1});
    }

    private Optional<String> unlabelled = Optional.empty();

    private Dataset openIdx() {
        return IdxFactory.mnist()
                .open(new IdxFactory.Config(path(), Optional.empty(), Optional.empty(), unlabelled), source);
    }

    @Test
    void idxImagesAreReadInOrderAsFractions() throws IOException {
        idxFolder(3, (byte) 1, (byte) 0, (byte) 9);
        Dataset dataset = openIdx();
        assertThat(dataset.sampleShape()).isEqualTo(new Shape(1, 2, 3));
        float[] sample = new float[8];
        dataset.train().read(1, sample, 1);
        assertThat(sample).containsExactly(0, 42 / 255f, 49 / 255f, 56 / 255f, 63 / 255f, 70 / 255f, 77 / 255f, 0);
        assertThat(dataset.train().label(2)).isEqualTo(9);
        assertThat(dataset.test().size()).isEqualTo(2);
    }

    @Test
    void imagesAndLabelsThatDoNotMatchAreRefused() throws IOException {
        idxFolder(3, (byte) 1, (byte) 0);
        assertThatThrownBy(this::openIdx)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("holds 3 images")
                .hasMessageContaining("2 labels");
    }

    @Test
    void aLabelOutOfRangeIsRefusedByPlaceAndValue() throws IOException {
        idxFolder(2, (byte) 1, (byte) 10);
        assertThatThrownBy(this::openIdx)
                .hasMessageContaining("label 10 of sample 1 is out of range; allowed are 0 to 9");
    }

    @Test
    void aTruncatedGzipIsRefusedByName() throws IOException {
        idxFolder(3, (byte) 1, (byte) 0, (byte) 2);
        Path file = folder.resolve("train-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 9));
        assertThatThrownBy(this::openIdx)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("train-images-idx3-ubyte.gz: the gzip data is cut off or broken");
    }

    @Test
    void aMissingFileIsRefusedByName() {
        assertThatThrownBy(this::openIdx).hasMessageContaining("there is no train-images-idx3-ubyte.gz");
    }

    @Test
    void theTestSplitIsNotTouchedBeforeItIsAskedFor() throws IOException {
        idxFolder(3, (byte) 1, (byte) 0, (byte) 2);
        Files.delete(folder.resolve("t10k-images-idx3-ubyte.gz"));
        Dataset dataset = openIdx();
        assertThatThrownBy(dataset::test).hasMessageContaining("t10k-images-idx3-ubyte");
    }

    @Test
    void digitsNameTheLineOfAWrongRow() throws IOException {
        String row = "0,".repeat(63) + "16,7\n";
        Files.writeString(folder.resolve("train.csv"), row + row + "1,2,3\n");
        DigitsFactory.Config config = new DigitsFactory.Config(path(), Optional.empty(), Optional.empty());
        assertThatThrownBy(() -> new DigitsFactory().open(config, source))
                .hasMessageContaining("train.csv, line 3: 3 columns; 64 values and the label are expected");
        Files.writeString(folder.resolve("train.csv"), row + row);
        Examples train = new DigitsFactory().open(config, source).train();
        float[] sample = new float[64];
        train.read(1, sample, 0);
        assertThat(sample[63]).isEqualTo(1);
        assertThat(train.label(1)).isEqualTo(7);
    }

    private void npy(String name, String type, String shape, byte[] data) throws IOException {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        header += " ".repeat(63 - (10 + header.length()) % 64) + "\n";
        ByteBuffer buffer =
                ByteBuffer.allocate(10 + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        buffer.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(data);
        Files.write(folder.resolve(name), buffer.array());
    }

    @Test
    void halfPrecisionWindowsAreReadWithTheirSubjects() throws IOException {
        // 1, -2, 0.5, 65504 in half precision.
        byte[] windows = {0x00, 0x3c, 0x00, (byte) 0xc0, 0x00, 0x38, (byte) 0xff, 0x7b};
        npy("train-windows.npy", "<f2", "2, 1, 2", windows);
        npy("train-labels.npy", "|u1", "2,", new byte[] {0, 5});
        npy("train-subjects.npy", "|u1", "2,", new byte[] {3, 4});
        NpyWindowsFactory.Config config = npyConfig();
        Dataset dataset = NpyWindowsFactory.motionSense().open(config, source);
        float[] sample = new float[2];
        dataset.train().read(1, sample, 0);
        assertThat(sample).containsExactly(0.5f, 65504f);
        assertThat(dataset.train().group(1)).isEqualTo("subject-4");
        npy("train-windows.npy", "<f2", "2, 1, 2", new byte[] {0, 0x3c, 0, 0x7e, 0, 0, 0, 0});
        assertThatThrownBy(() -> NpyWindowsFactory.motionSense().open(config, source))
                .hasMessageContaining("window 0, channel 0, time 1 is NaN");
        npy("train-windows.npy", "<f2", "3, 1, 2", windows);
        assertThatThrownBy(() -> NpyWindowsFactory.motionSense().open(config, source))
                .hasMessageContaining("the header promises");
    }

    @Test
    void aZipThatPointsOutsideItsFolderIsRefused() throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("train.zip")))) {
            zip.putNextEntry(new ZipEntry("../cat/1.png"));
            zip.write(1);
        }
        ImageFolderFactory.Config config = new ImageFolderFactory.Config(
                path(), Optional.empty(), Optional.empty(), unlabelled, Optional.empty(), false);
        assertThatThrownBy(() -> new ImageFolderFactory().open(config, source))
                .hasMessageContaining("points outside its folder");
    }

    @Test
    void testImagesThatAreKeptBackAreForCalibrationOnly() throws IOException {
        for (String name :
                List.of("train/a/0", "train/b/0", "test/a/0", "test/b/0", "test/a/1", "test/b/1", "test/a/2")) {
            BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
            image.setRGB(0, 0, 51 * (name.charAt(name.length() - 1) - '0'));
            Path file = folder.resolve(name + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        Dataset dataset = new ImageFolderFactory().open(kept(3), source);
        Examples calibration = dataset.calibration().orElseThrow();
        assertThat(ids(calibration)).containsExactly("test-000000", "test-000001", "test-000002");
        assertThat(ids(dataset.test())).containsExactly("test-000003", "test-000004");
        assertThat(ids(dataset.train())).hasSize(2);
        float[] sample = new float[3];
        dataset.test().read(1, sample, 0);
        assertThat(sample).containsExactly(0, 0, 0.4f);
        assertThat(dataset.test().label(0)).isEqualTo(1);
        assertThatThrownBy(() -> new ImageFolderFactory().open(kept(5), source).calibration())
                .isInstanceOf(DatasetException.class)
                .hasMessage("data.calibration: 5 samples are asked for, there are 5 test samples");
    }

    private ImageFolderFactory.Config kept(int size) {
        return new ImageFolderFactory.Config(
                path(), Optional.empty(), Optional.empty(), unlabelled, Optional.of(size), false);
    }

    private static List<String> ids(Examples examples) {
        return IntStream.range(0, examples.size()).mapToObj(examples::id).toList();
    }

    @Test
    void cifarRowsAreOneLabelAndThreePlanes() throws IOException {
        byte[] row = new byte[3073];
        row[0] = 4;
        row[1] = (byte) 255;
        for (int i = 1; i <= 5; i++) {
            Files.write(folder.resolve("data_batch_" + i + ".bin"), row);
        }
        CifarFactory.Config config = new CifarFactory.Config(path(), Optional.empty(), Optional.empty());
        Examples train = CifarFactory.cifar10().open(config, source).train();
        float[] sample = new float[3072];
        train.read(4, sample, 0);
        assertThat(train.size()).isEqualTo(5);
        assertThat(train.label(0)).isEqualTo(4);
        assertThat(sample[0]).isEqualTo(1);
    }

    @Test
    void cifarIsReadFromThePublishedArchiveWhichIsCheckedByItsPinnedHash() throws IOException {
        byte[] row = new byte[3074];
        row[1] = 42;
        Path archive = folder.resolve("downloaded");
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
            for (String name : List.of("train.bin", "test.bin")) {
                TarArchiveEntry entry = new TarArchiveEntry("cifar-100-binary/" + name);
                entry.setSize(row.length);
                tar.putArchiveEntry(entry);
                tar.write(row);
                tar.closeArchiveEntry();
            }
        }
        List<String> asked = new ArrayList<>();
        DataSource downloads = new DataSource() {
            @Override
            public Path resolve(String path) {
                return Path.of(path);
            }

            @Override
            public Path download(URI uri, String sha256) {
                asked.add(uri + " " + sha256);
                return archive;
            }
        };
        CifarFactory.Config nowhere = new CifarFactory.Config(Optional.empty(), Optional.empty(), Optional.empty());
        Dataset dataset = CifarFactory.cifar100().open(nowhere, downloads);
        assertThat(dataset.train().label(0)).isEqualTo(42);
        assertThat(dataset.test().label(0)).isEqualTo(42);
        assertThat(asked)
                .containsExactly("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz "
                        + "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec");
        assertThatThrownBy(() -> CifarFactory.cifar10().open(nowhere, downloads))
                .hasMessageContaining("there is no data_batch_1.bin in the archive");
        Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), 40));
        assertThatThrownBy(() -> CifarFactory.cifar100().open(nowhere, downloads))
                .hasMessageContaining("the archive is cut off or broken");
    }

    @Test
    void textsBecomeTokensOfTheTrainingTextsVocabulary() throws IOException {
        Files.writeString(folder.resolve("train.csv"), "text,category\n\"My card, my card\",card\nhello,other\n");
        Files.writeString(folder.resolve("test.csv"), "text,category\ncard unknown,card\n");
        TextCsvFactory.Config config = new TextCsvFactory.Config(
                path(), 6, 8, Optional.empty(), true, Optional.empty(), Optional.empty(), Optional.empty());
        Dataset dataset = new TextCsvFactory().open(config, source);
        float[] sample = new float[6];
        dataset.train().read(0, sample, 0);
        assertThat(sample).containsExactly(2, 6, 5, 7, 6, 3);
        dataset.test().read(0, sample, 0);
        assertThat(sample).containsExactly(2, 5, 1, 3, 0, 0);
        assertThat(dataset.publishedFiles())
                .containsEntry("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncard\nmy\n,\n")
                .containsEntry(
                        "tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": true}\n");
        assertThat(dataset.tokenIds()).hasValue(8);
        assertThat(dataset.classNames()).containsExactly("card", "other");
        try (TextEncoding later = new TextCsvFactory().textEncoding(config, dataset.publishedFiles())) {
            assertThat(later.encode("CARD unknown")).containsExactly(2, 5, 1, 3, 0, 0);
            assertThat(later.encode("")).containsExactly(2, 3, 0, 0, 0, 0);
        }
        assertThatThrownBy(() -> new TextCsvFactory().textEncoding(config, Map.of("config.json", "{}")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("neither tokenizer.json nor vocab.txt among [config.json]");
        assertThatThrownBy(() -> new TextCsvFactory().textEncoding(config, Map.of("tokenizer.json", "no tokenizer")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("the tokenizer cannot be read");
    }

    @Test
    void imagesWithoutLabelsAreReadAndHaveNone() throws IOException {
        idxFolder(3, (byte) 1, (byte) 0, (byte) 9);
        idx("more", 0x803, 2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        unlabelled = Optional.of(folder.resolve("more.gz").toString());
        Examples others = openIdx().unlabelled().orElseThrow();
        float[] sample = new float[6];
        others.read(1, sample, 0);
        assertThat(others.size()).isEqualTo(2);
        assertThat(others.id(1)).isEqualTo("unlabelled-000001");
        assertThat(sample[5]).isEqualTo(12 / 255f);
        assertThatThrownBy(() -> others.label(1)).hasMessage("unlabelled-000001 has no label");
        unlabelled = Optional.of(folder.resolve("none").toString());
        assertThatThrownBy(this::openIdx)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("data.unlabelled: there is no file");
    }

    @Test
    void windowsWithoutLabelsMustHaveTheShapeOfTheOthers() throws IOException {
        byte[] windows = new byte[8];
        npy("train-windows.npy", "<f2", "2, 1, 2", windows);
        npy("train-labels.npy", "|u1", "2,", new byte[] {0, 5});
        npy("more.npy", "<f2", "4, 1, 1", windows);
        unlabelled = Optional.of(folder.resolve("more.npy").toString());
        assertThatThrownBy(() -> NpyWindowsFactory.motionSense().open(npyConfig(), source))
                .hasMessageContaining("more.npy: windows of 1 × 1, the training windows are (1, 2)");
        npy("more.npy", "<f2", "2, 1, 2", windows);
        Dataset dataset = NpyWindowsFactory.motionSense().open(npyConfig(), source);
        assertThat(dataset.unlabelled().orElseThrow().size()).isEqualTo(2);
    }

    private NpyWindowsFactory.Config npyConfig() {
        return new NpyWindowsFactory.Config(path(), Optional.empty(), Optional.empty(), unlabelled, 64, 50);
    }

    @Test
    void textsWithoutLabelsNeedNoCategory() throws IOException {
        Files.writeString(folder.resolve("train.csv"), "text,category\n\"My card, my card\",card\nhello,other\n");
        Files.writeString(folder.resolve("more.csv"), "text\nmy hello\n");
        unlabelled = Optional.of(folder.resolve("more.csv").toString());
        TextCsvFactory.Config config = new TextCsvFactory.Config(
                path(), 4, 10, Optional.empty(), true, Optional.empty(), Optional.empty(), unlabelled);
        float[] sample = new float[4];
        new TextCsvFactory().open(config, source).unlabelled().orElseThrow().read(0, sample, 0);
        assertThat(sample).containsExactly(2, 6, 8, 3);
    }

    @Test
    void theRealFilesHaveTheirPublishedSizes() {
        Path shared = Path.of(System.getProperty("offramp.shared.data", "none"));
        assumeTrue(Files.isDirectory(shared), "the folder of real data is not there");
        assertSizes(
                IdxFactory.fashionMnist()
                        .open(
                                new IdxFactory.Config(
                                        Optional.of(
                                                shared.resolve("fashion-mnist").toString()),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                source),
                60_000,
                10_000);
        assertSizes(
                new DigitsFactory()
                        .open(
                                new DigitsFactory.Config(
                                        Optional.of(shared.resolve("optdigits").toString()),
                                        Optional.empty(),
                                        Optional.empty()),
                                source),
                3_823,
                1_797);
        assertSizes(
                NpyWindowsFactory.motionSense()
                        .open(
                                new NpyWindowsFactory.Config(
                                        Optional.of(
                                                shared.resolve("motionsense").toString()),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        64,
                                        50),
                                source),
                15_927,
                5_453);
        assertSizes(
                new TextCsvFactory()
                        .open(
                                new TextCsvFactory.Config(
                                        Optional.of(shared.resolve("banking77").toString()),
                                        32,
                                        8192,
                                        Optional.empty(),
                                        true,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                source),
                10_003,
                3_080);
    }

    private static void assertSizes(Dataset dataset, int train, int test) {
        assertThat(dataset.train().size()).isEqualTo(train);
        assertThat(dataset.test().size()).isEqualTo(test);
    }
}
