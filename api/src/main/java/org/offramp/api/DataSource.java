package org.offramp.api;

import java.net.URI;
import java.nio.file.Path;

/** Where a dataset may take files from: local folders, and the network only where the user asked for it. */
public interface DataSource {
    /**
     * Resolves a path that a user wrote: relative paths are relative to the folder of the configuration file.
     *
     * @param path the path as written
     * @return the absolute path; it need not exist
     */
    Path resolve(String path);

    /**
     * A file from the cache, downloaded on first use where {@code --download} was given.
     *
     * @param uri where the file is published
     * @param sha256 the pinned checksum, 64 lower-case hexadecimal digits
     * @return the path of the checked file
     * @throws DatasetException if the file is not in the cache and downloads were not asked for, or its checksum is wrong
     */
    Path download(URI uri, String sha256);
}
