package org.offramp.datasets;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.offramp.api.DataSource;
import org.offramp.api.DatasetException;

/** Finds and reads data files whole, gzip or not. */
final class DataFiles {
    private DataFiles() {}

    /** The folder a user named. */
    static Path folder(DataSource source, Optional<String> path, String dataset) {
        String written = path.orElseThrow(() -> new DatasetException("data.path: the folder of the dataset '" + dataset
                + "' is missing; name it in the file or with --set data.path=…"));
        Path folder = source.resolve(written);
        if (!Files.isDirectory(folder)) {
            throw new DatasetException("data.path: there is no folder " + folder);
        }
        return folder;
    }

    /** The file of samples without labels that a user named. */
    static Path unlabelled(DataSource source, String path) {
        Path file = source.resolve(path);
        if (!Files.isRegularFile(file)) {
            throw new DatasetException("data.unlabelled: there is no file " + file);
        }
        return file;
    }

    /** The first of the names that exists in a folder. */
    static Path find(Path folder, String... names) {
        for (String name : names) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new DatasetException(folder + ": there is no " + String.join(" or ", Arrays.asList(names)));
    }

    /** The bytes of a file, unpacked where it is gzip. */
    static byte[] read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            boolean gzip = bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b;
            if (!gzip) {
                return bytes;
            }
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes), 1 << 16)) {
                return in.readAllBytes();
            }
        } catch (EOFException | ZipException e) {
            throw new DatasetException(file + ": the gzip data is cut off or broken: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static void checkLabels(Path file, int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new DatasetException(file + ": label " + labels[i] + " of sample " + i
                        + " is out of range; allowed are 0 to " + (classes - 1));
            }
        }
    }
}
