package org.offramp.api;

import java.nio.file.Path;

/**
 * A method of a TorchScript archive from elsewhere that computes a stage, which the host runs as one call and does not look into. An archive
 * is a program: use only those whose origin you trust.
 *
 * @param file the archive
 * @param method the method's name, such as {@code forward}; it takes one array, and of several that it gives the first one counts
 * @param macs the MACs of one sample, declared
 */
public record ArchivedStage(Path file, String method, long macs) {
    /** Checks the numbers. */
    public ArchivedStage {
        if (macs < 0) {
            throw new IllegalArgumentException(file + ", method " + method + ", declares " + macs + " MACs");
        }
    }
}
