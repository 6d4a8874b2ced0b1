package org.offramp.host.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.offramp.host.data.Hashes;

/** Reads the files of a bundle, each against its size and SHA-256; the bytes that were checked are the bytes that are used. */
final class CheckedFiles {
    private CheckedFiles() {}

    /**
     * A file's bytes.
     *
     * @param directory the bundle
     * @param manifest what it says of its files
     * @param name the file's name
     * @throws BundleException if the file is missing, not listed, or not the one that was written
     */
    static byte[] read(Path directory, BundleManifest manifest, String name) {
        Path file = directory.resolve(name);
        BundleManifest.FileEntry expected = manifest.files().get(name);
        if (expected == null) {
            throw new BundleException(file + ": " + ManifestFile.NAME + " does not list it");
        }
        try {
            long size = Files.size(file);
            if (expected.size() != BundleManifest.FileEntry.UNKNOWN && size != expected.size()) {
                throw new BundleException(file + ": it has " + size + " bytes, " + ManifestFile.NAME + " says "
                        + expected.size() + "; it was changed or cut off");
            }
            byte[] bytes = Files.readAllBytes(file);
            String found = Hashes.sha256(bytes);
            if (!found.equals(expected.sha256())) {
                throw new BundleException(file + ": its SHA-256 is " + found + ", " + ManifestFile.NAME + " says "
                        + expected.sha256() + "; it was changed or cut off");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new BundleException(file + ": it is missing; " + ManifestFile.NAME + " lists it", e);
        } catch (IOException e) {
            throw new BundleException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
