package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import org.offramp.host.data.Hashes;

/**
 * Activations of the samples of one set on disk: a header (magic number, samples, values of a sample), the values as little-endian floats in the
 * set's order, and the SHA-256 of all before it. A file whose checksum is wrong counts as not there.
 */
final class ActivationFile implements AutoCloseable {
    private static final long MAGIC = 0x314354434152464fL;
    private static final int HEADER = 16;
    private static final int DIGEST = 32;
    private static final int CHUNK = 1 << 20;

    private final FileChannel channel;
    private final Shape shape;

    private ActivationFile(FileChannel channel, Shape shape) {
        this.channel = channel;
        this.shape = shape;
    }

    /** The bytes of a file of that many samples. */
    static long bytes(int samples, Shape shape) {
        return HEADER + 4L * samples * shape.size() + DIGEST;
    }

    /**
     * Opens a file after checking all of it.
     *
     * @param file the file
     * @param samples the samples it must have
     * @param shape the shape of one sample's activation
     * @return empty if it is not there or not as it was written
     */
    static Optional<ActivationFile> open(Path file, int samples, Shape shape) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) != bytes(samples, shape) || !isWhole(file)) {
                return Optional.empty();
            }
            FileChannel channel = FileChannel.open(file);
            ByteBuffer header = read(channel, 0, HEADER);
            if (header.getLong() != MAGIC || header.getInt() != samples || header.getInt() != (int) shape.size()) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new ActivationFile(channel, shape));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static boolean isWhole(Path file) throws IOException {
        MessageDigest digest = Hashes.digest();
        try (FileChannel channel = FileChannel.open(file)) {
            long end = channel.size() - DIGEST;
            for (long at = 0; at < end; at += CHUNK) {
                digest.update(read(channel, at, (int) Math.min(CHUNK, end - at)));
            }
            return read(channel, end, DIGEST).equals(ByteBuffer.wrap(digest.digest()));
        }
    }

    /**
     * The activations of samples, {@code (batch, …)}.
     *
     * @param manager owns the array
     * @param positions the samples' positions in the set
     */
    NDArray rows(NDManager manager, int[] positions) {
        int bytes = Math.toIntExact(4 * shape.size());
        ByteBuffer buffer = manager.allocateDirect(positions.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            for (int i = 0; i < positions.length; i++) {
                buffer.limit((i + 1) * bytes).position(i * bytes);
                fill(channel, buffer, HEADER + (long) positions[i] * bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read stored activations", e);
        }
        // As in Batches: the engine computes in its own, aligned memory.
        try (NDArray inBuffer =
                manager.create(buffer.rewind().asFloatBuffer(), new Shape(positions.length).addAll(shape))) {
            return inBuffer.duplicate();
        }
    }

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, buffer, from);
        return buffer.flip();
    }

    private static void fill(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
        long at = from;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                throw new IOException("the file ends at byte " + at);
            }
            at += read;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close stored activations", e);
        }
    }

    /** Writes a file beside its place, batch by batch, and renames it. */
    static final class Writer implements AutoCloseable {
        private final Path file;
        private final Path beside;
        private final FileChannel channel;
        private final MessageDigest digest = Hashes.digest();

        Writer(Path file, int samples, Shape shape) throws IOException {
            this.file = file;
            this.beside = file.resolveSibling(file.getFileName() + ".part");
            this.channel = FileChannel.open(
                    beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            put(ByteBuffer.allocate(HEADER)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(MAGIC)
                    .putInt(samples)
                    .putInt((int) shape.size())
                    .flip());
        }

        void add(NDArray activations) throws IOException {
            float[] values = activations.toFloatArray();
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            put(bytes);
        }

        private void put(ByteBuffer bytes) throws IOException {
            digest.update(bytes.duplicate());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        void finish() throws IOException {
            channel.write(ByteBuffer.wrap(digest.digest()));
            channel.close();
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(beside);
        }
    }
}
