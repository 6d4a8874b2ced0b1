package org.offramp.host.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Reads a zip in the one layout that {@link Archive} writes: stored entries one behind the other, then the directory, then its end,
 * and nothing else. What two readers could see differently is refused, so that the native reader sees what is checked here.
 */
final class ZipEntries {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int LOCAL_LENGTH = 30;
    private static final int CENTRAL_LENGTH = 46;
    private static final int END_LENGTH = 22;
    private static final int UTF8 = 0x800;

    private final byte[] bytes;
    private final ByteBuffer zip;

    private ZipEntries(byte[] bytes) {
        this.bytes = bytes;
        this.zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The entries by name, in order.
     *
     * @param bytes the whole file
     * @throws ArchiveException if it has another layout, or a checksum is wrong
     */
    static Map<String, byte[]> read(byte[] bytes) {
        return new ZipEntries(bytes).entries();
    }

    private Map<String, byte[]> entries() {
        int end = bytes.length - END_LENGTH;
        require(end >= 0 && zip.getInt(end) == END, "it does not end as a zip file does; it may be truncated");
        int count = half(end + 10);
        int directory = zip.getInt(end + 16);
        require(
                zip.getInt(end + 4) == 0
                        && half(end + 8) == count
                        && half(end + 20) == 0
                        && directory >= 0
                        && directory <= end
                        && zip.getInt(end + 12) == end - directory,
                "its directory is not where it should be");
        Map<String, byte[]> entries = new LinkedHashMap<>();
        int at = 0;
        int listed = directory;
        for (int i = 0; i < count; i++) {
            require(listed + CENTRAL_LENGTH <= end && zip.getInt(listed) == CENTRAL, "entry " + i + " is not listed");
            require(at + LOCAL_LENGTH <= directory && zip.getInt(at) == LOCAL, "entry " + i + " is not there");
            int nameLength = half(listed + 28);
            require(listed + CENTRAL_LENGTH + nameLength <= end, "the name of entry " + i + " is cut off");
            String name = text(listed + CENTRAL_LENGTH, nameLength);
            int data = at + LOCAL_LENGTH + nameLength + half(at + 28);
            int size = zip.getInt(listed + 24);
            require(
                    zip.getInt(listed + 42) == at && sameHeads(at, listed, nameLength),
                    "'" + name + "' is listed otherwise than it is stored");
            require(
                    size >= 0 && zip.getInt(listed + 20) == size && data <= directory && size <= directory - data,
                    "'" + name + "' is longer than the file");
            byte[] content = Arrays.copyOfRange(bytes, data, data + size);
            CRC32 crc = new CRC32();
            crc.update(content);
            require((int) crc.getValue() == zip.getInt(listed + 16), "the checksum of '" + name + "' is wrong");
            require(entries.put(name, content) == null, "'" + name + "' is there twice");
            at = data + size;
            listed += CENTRAL_LENGTH + nameLength + half(listed + 30) + half(listed + 32);
        }
        require(at == directory && listed == end, "there are bytes between its entries");
        return entries;
    }

    /** Flags, method, checksum, sizes, name: the same in both places; stored, not packed or encrypted. */
    private boolean sameHeads(int local, int central, int nameLength) {
        return half(local + 6) == half(central + 8)
                && (half(local + 6) & ~UTF8) == 0
                && half(local + 8) == 0
                && half(central + 10) == 0
                && zip.getInt(local + 14) == zip.getInt(central + 16)
                && zip.getInt(local + 18) == zip.getInt(central + 20)
                && zip.getInt(local + 22) == zip.getInt(central + 24)
                && half(local + 26) == nameLength
                && local + LOCAL_LENGTH + nameLength <= bytes.length
                && text(local + LOCAL_LENGTH, nameLength).equals(text(central + CENTRAL_LENGTH, nameLength));
    }

    private int half(int at) {
        return Short.toUnsignedInt(zip.getShort(at));
    }

    private String text(int at, int length) {
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ArchiveException(otherwise);
        }
    }
}
