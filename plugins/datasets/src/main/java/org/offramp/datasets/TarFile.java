package org.offramp.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.offramp.api.DatasetException;

/** A published {@code .tar.gz}, read entry by entry; nothing is unpacked to the disk. */
final class TarFile {
    private static final long LARGEST_ENTRY = 1L << 30;

    private final Path file;

    private TarFile(Path file) {
        this.file = file;
    }

    static TarFile at(Path file) {
        return new TarFile(file);
    }

    /**
     * Reads entries by their last name, whatever folder they are in.
     *
     * @param names the wanted files
     * @return their bytes, in the order of the names
     * @throws DatasetException if one is missing or too large, or the archive is broken
     */
    List<byte[]> read(List<String> names) {
        Map<String, byte[]> found = new HashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in, 1 << 16))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (entry.isFile() && names.contains(name)) {
                    if (entry.getSize() > LARGEST_ENTRY) {
                        throw new DatasetException(
                                file + ": " + entry.getName() + " claims " + entry.getSize() + " bytes");
                    }
                    found.put(name, tar.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new DatasetException(file + ": the archive is cut off or broken: " + e.getMessage(), e);
        }
        return names.stream().map(name -> wanted(found, name)).toList();
    }

    private byte[] wanted(Map<String, byte[]> found, String name) {
        byte[] bytes = found.get(name);
        if (bytes == null) {
            throw new DatasetException(file + ": there is no " + name + " in the archive");
        }
        return bytes;
    }
}
