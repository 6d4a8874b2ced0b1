package org.offramp.host.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Adds attributes, methods written by hand and files to an archive that Offramp wrote: for export, where control flow is wanted. */
public final class ArchiveExtension {
    private static final String PICKLE = Archive.ROOT + "/data.pkl";
    private static final String CODE = Archive.ROOT + "/code/__torch__.py";
    private static final String DATA = Archive.ROOT + "/data/";
    /** How a pickle ends: the attributes are set. */
    private static final String END = "ub.";

    private static final Pattern HEADER = Pattern.compile("  __buffers__ = \\[]\n");
    /** An operation that PyTorch knows from version 2.0 on, as one that 1.x has too. */
    private static final Pattern PRELU = Pattern.compile("torch\\._prelu_kernel\\(([\\w.]+), ([\\w.]+)\\)");

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final StringBuilder declarations = new StringBuilder();
    private final StringBuilder methods = new StringBuilder();
    private final Pickle pickle = new Pickle();
    private int storages;

    /**
     * An archive to be extended.
     *
     * @param archive bytes from {@link Compiler#archive()}, or from a file whose checksum was verified
     */
    public ArchiveExtension(byte[] archive) {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.getName().startsWith(Archive.ROOT + "/")) {
                    throw new IllegalArgumentException(
                            "not an archive that Offramp wrote: it holds " + entry.getName());
                }
                entries.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not an archive", e);
        }
        if (!entries.containsKey(PICKLE) || !entries.containsKey(CODE)) {
            throw new IllegalArgumentException("not an archive that Offramp wrote: it holds " + entries.keySet());
        }
        storages = (int)
                entries.keySet().stream().filter(name -> name.startsWith(DATA)).count();
    }

    /**
     * Adds a tensor of single precision.
     *
     * @param name the attribute's name
     * @param shape its shape
     * @param values its values, row by row
     */
    public void floats(String name, Shape shape, float[] values) {
        attribute(name, Tensor.of(shape, values));
    }

    /**
     * Adds a vector of double precision.
     *
     * @param name the attribute's name
     * @param values its values
     */
    public void doubles(String name, double[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asDoubleBuffer().put(values);
        attribute(name, Tensor.of(new Shape(values.length), DataType.FLOAT64, buffer.array()));
    }

    /**
     * Adds a vector of whole numbers.
     *
     * @param name the attribute's name
     * @param values its values
     */
    public void longs(String name, long[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asLongBuffer().put(values);
        attribute(name, Tensor.of(new Shape(values.length), DataType.INT64, buffer.array()));
    }

    private void attribute(String name, Tensor tensor) {
        declarations.append("  ").append(name).append(" : Tensor\n");
        pickle.tensor(name, storages, tensor.type(), tensor.shape().getShape(), Archive.strides(tensor.shape()));
        entries.put(DATA + storages++, tensor.data());
    }

    /**
     * Adds methods.
     *
     * @param source their text, indented by two
     */
    public void methods(String source) {
        methods.append(source);
    }

    /**
     * Adds a file that rides along as {@code extra/NAME}.
     *
     * @param name its name: letters, digits, dots, hyphens and underscores
     * @param content its bytes
     */
    public void extra(String name, byte[] content) {
        entries.put(Archive.ROOT + "/extra/" + name, content.clone());
    }

    /** The extended archive's bytes. */
    public byte[] archive() {
        Map<String, byte[]> all = new LinkedHashMap<>(entries);
        all.computeIfPresent(CODE, (name, content) -> code(new String(content, StandardCharsets.UTF_8)));
        all.computeIfPresent(PICKLE, (name, content) -> pickled(content));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                Archive.put(zip, entry.getKey().substring(Archive.ROOT.length() + 1), entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private byte[] code(String text) {
        if (!HEADER.matcher(text).find()) {
            throw new IllegalArgumentException("not code that Offramp wrote");
        }
        String declared = HEADER.matcher(text).replaceFirst(found -> found.group() + declarations);
        String portable = PRELU.matcher(declared).replaceAll("torch.where(torch.ge($1, 0), $1, torch.mul($1, $2))");
        return (portable + methods).getBytes(StandardCharsets.UTF_8);
    }

    /** A pickle ends in the setting of the object's attributes: the new ones go before that. */
    private byte[] pickled(byte[] content) {
        if (!new String(content, StandardCharsets.ISO_8859_1).endsWith(END)) {
            throw new IllegalArgumentException("not a pickle that Offramp wrote");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(content, 0, content.length - END.length());
        all.writeBytes(pickle.end());
        return all.toByteArray();
    }
}
