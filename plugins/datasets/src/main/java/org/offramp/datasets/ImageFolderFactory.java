package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** Images in folders of their classes, {@code train/class/name.jpg}, or the same in {@code train.zip} and {@code test.zip}. */
final class ImageFolderFactory implements DatasetFactory<ImageFolderFactory.Config> {
    private static final long MOST_BYTES = 64L << 20;
    private static final int MOST_IMAGES = 10_000_000;

    record Config(
            @Key("folder with train and test: folders or .zip files")
            Optional<String> path,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test,

            @Key("folder or .zip file of images without labels, in folders whose names do not matter")
            Optional<String> unlabelled,

            @Key(
                    value =
                            "the first test images that are kept back to calibrate on, in place of training images: for a backbone that"
                                    + " has seen all training images; they are not tested on",
                    min = 2)
            Optional<Integer> calibration,

            @Key(value = "one grey channel instead of three colours", defaultValue = "false")
            boolean grey) {}

    @Override
    public String name() {
        return "image-folder";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        Path folder = DataFiles.folder(source, config.path(), name());
        Images train = read(folder, "train", config.train(), config.grey());
        Optional<Examples> unlabelled = config.unlabelled().map(path -> unlabelled(source, path, config.grey(), train));
        LazyDataset whole = new LazyDataset(
                train.shape,
                List.copyOf(train.classes),
                OptionalInt.empty(),
                Map.of(),
                train.examples("train", train.classes),
                () -> {
                    Images test = read(folder, "test", config.test(), config.grey());
                    if (!test.shape.equals(train.shape)) {
                        throw new DatasetException(
                                folder + ": test images are " + test.shape + ", training images " + train.shape);
                    }
                    return test.examples("test", train.classes);
                },
                unlabelled);
        return config.calibration()
                .<Dataset>map(size -> new KeptBack(whole, size))
                .orElse(whole);
    }

    private static Examples unlabelled(DataSource source, String path, boolean grey, Images train) {
        Path place = source.resolve(path);
        if (!Files.exists(place)) {
            throw new DatasetException("data.unlabelled: there is no folder or file " + place);
        }
        Map<String, byte[]> files = Files.isRegularFile(place) ? unzip(place) : list(place);
        if (files.isEmpty()) {
            throw new DatasetException("data.unlabelled: there is no image in " + place);
        }
        Images images = Images.decode(place, files, files.size(), grey);
        if (!images.shape.equals(train.shape)) {
            throw new DatasetException(place + ": the images are " + images.shape + ", training images " + train.shape);
        }
        return StoredExamples.unlabelled(images.pixels, (int) images.shape.size());
    }

    private static Images read(Path folder, String split, Optional<Integer> limit, boolean grey) {
        Path zip = folder.resolve(split + ".zip");
        Map<String, byte[]> files = Files.isRegularFile(zip) ? unzip(zip) : list(folder.resolve(split));
        int size = StoredExamples.limited(files.size(), limit, "data." + split);
        if (size == 0) {
            throw new DatasetException(folder + ": there is no image in " + split + " or " + split + ".zip");
        }
        return Images.decode(folder, files, size, grey);
    }

    private static boolean isImage(String name) {
        return name.matches("(?i).+\\.(jpg|jpeg|png|gif|bmp)");
    }

    private static String key(String entry) {
        String[] parts = entry.split("/", -1);
        return parts[parts.length - 2] + "/" + parts[parts.length - 1];
    }

    private static Map<String, byte[]> unzip(Path zip) {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            Enumeration<? extends ZipEntry> entries = archive.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                if (name.contains("..") || name.startsWith("/") || name.contains("\\")) {
                    throw new DatasetException(zip + ": the entry '" + name + "' points outside its folder");
                }
                if (!entry.isDirectory() && isImage(name) && name.contains("/")) {
                    if (entry.getSize() > MOST_BYTES || files.size() >= MOST_IMAGES) {
                        throw new DatasetException(zip + ": '" + name + "' is too large, or there are too many images");
                    }
                    files.put(key(name), archive.getInputStream(entry).readNBytes((int) MOST_BYTES));
                }
            }
        } catch (ZipException e) {
            throw new DatasetException(zip + ": not a whole zip file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new DatasetException(zip + ": cannot be read: " + e.getMessage(), e);
        }
        return files;
    }

    private static Map<String, byte[]> list(Path folder) {
        Map<String, byte[]> files = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            throw new DatasetException("there is neither a folder " + folder + " nor " + folder + ".zip");
        }
        try (Stream<Path> paths = Files.walk(folder, 2)) {
            for (Path file : paths.filter(Files::isRegularFile)
                    .filter(path ->
                            isImage(path.toString()) && folder.relativize(path).getNameCount() == 2)
                    .sorted()
                    .toList()) {
                files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new DatasetException(folder + ": cannot be read: " + e.getMessage(), e);
        }
        return files;
    }

    /** Decoded images, in an order that mixes the classes: by file name, then by class. */
    private static final class Images {
        private final Path folder;
        private final Shape shape;
        private final Set<String> classes;
        private final List<String> labelNames;
        private final byte[] pixels;

        private Images(Path folder, Shape shape, Set<String> classes, List<String> labelNames, byte[] pixels) {
            this.folder = folder;
            this.shape = shape;
            this.classes = classes;
            this.labelNames = labelNames;
            this.pixels = pixels;
        }

        static Images decode(Path folder, Map<String, byte[]> files, int size, boolean grey) {
            TreeSet<String> classes = new TreeSet<>();
            files.keySet().forEach(name -> classes.add(name.substring(0, name.indexOf('/'))));
            List<String> order = new ArrayList<>(files.keySet());
            order.sort(java.util.Comparator.comparing((String name) -> name.substring(name.indexOf('/') + 1))
                    .thenComparing(name -> name));
            byte[] pixels = new byte[0];
            Shape shape = new Shape();
            List<String> labelNames = new ArrayList<>();
            int channels = grey ? 1 : 3;
            for (int i = 0; i < size; i++) {
                String name = order.get(i);
                BufferedImage image = decode(folder, name, files.getOrDefault(name, new byte[0]));
                Shape here = new Shape(channels, image.getHeight(), image.getWidth());
                if (i == 0) {
                    shape = here;
                    pixels = new byte[Math.toIntExact(shape.size() * size)];
                } else if (!here.equals(shape)) {
                    throw new DatasetException(
                            folder + ": " + name + " is " + here + ", " + order.get(0) + " is " + shape);
                }
                copy(image, channels, pixels, i * (int) shape.size());
                labelNames.add(name.substring(0, name.indexOf('/')));
            }
            return new Images(folder, shape, classes, labelNames, pixels);
        }

        private static BufferedImage decode(Path folder, String name, byte[] bytes) {
            try {
                BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
                if (image != null) {
                    return image;
                }
            } catch (IOException e) {
                throw new DatasetException(folder + ": " + name + " is broken: " + e.getMessage(), e);
            }
            throw new DatasetException(folder + ": " + name + " is not an image that can be read");
        }

        private static void copy(BufferedImage image, int channels, byte[] pixels, int offset) {
            int positions = image.getWidth() * image.getHeight();
            int[] colours =
                    image.getRGB(0, 0, image.getWidth(), image.getHeight(), new int[positions], 0, image.getWidth());
            for (int i = 0; i < positions; i++) {
                int red = (colours[i] >> 16) & 0xff;
                int green = (colours[i] >> 8) & 0xff;
                int blue = colours[i] & 0xff;
                if (channels == 1) {
                    // ITU-R BT.601 luma.
                    pixels[offset + i] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
                } else {
                    pixels[offset + i] = (byte) red;
                    pixels[offset + positions + i] = (byte) green;
                    pixels[offset + 2 * positions + i] = (byte) blue;
                }
            }
        }

        Examples examples(String split, Set<String> known) {
            List<String> names = List.copyOf(known);
            int[] labels = new int[labelNames.size()];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = names.indexOf(labelNames.get(i));
                if (labels[i] < 0) {
                    throw new DatasetException(folder + ": the class '" + labelNames.get(i) + "' of the " + split
                            + " split is not among the training classes " + names);
                }
            }
            return StoredExamples.ofBytes(split, pixels, (int) shape.size(), labels);
        }
    }
}
