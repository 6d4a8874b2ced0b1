package org.offramp.host.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** A network's parameters, and other named arrays, as safetensors files. */
public final class Weights {
    private Weights() {}

    /**
     * Writes arrays beside the file's place and renames.
     *
     * @param file the file
     * @param arrays the arrays by name; they stay open
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Map<String, NDArray> arrays) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        NDList list = new NDList();
        arrays.forEach((name, array) -> {
            array.setName(name);
            list.add(array);
        });
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(beside))) {
            list.encode(out, NDList.Encoding.SAFETENSORS);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Reads arrays.
     *
     * @param file the file
     * @param manager owns the arrays
     * @throws IOException if it cannot be read
     */
    public static NDList read(Path file, NDManager manager) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return NDList.decode(manager, in);
        }
    }

    /**
     * Copies values into an array's own memory. (DJL's {@code copyTo} makes the target live in a Java buffer, whose alignment varies,
     * and with it the last digits of what is computed on it.)
     *
     * @param from the values
     * @param to an array of the same shape
     */
    public static void copy(NDArray from, NDArray to) {
        to.set(new NDIndex("..."), from);
    }

    /**
     * Writes all of a network's parameters.
     *
     * @param file the file
     * @param network the network
     * @throws IOException if it cannot be written
     */
    public static void save(Path file, Network network) throws IOException {
        Map<String, NDArray> arrays = new java.util.LinkedHashMap<>();
        network.parametersByName().forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        write(file, arrays);
    }

    /**
     * Writes the backbone's parameters under their published names, for its key {@code weights} or for other tools.
     *
     * @param file the file
     * @param network the network
     * @throws IOException if it cannot be written
     */
    public static void savePublished(Path file, Network network) throws IOException {
        Map<String, NDArray> arrays = new java.util.LinkedHashMap<>();
        network.publishedParameters().forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        write(file, arrays);
    }

    /**
     * Sets all of a network's parameters from a file.
     *
     * @param file the file
     * @param network the network, with the same heads as when it was saved
     * @throws IOException if it cannot be read, or does not hold exactly the network's parameters; the message names them
     */
    public static void load(Path file, Network network) throws IOException {
        try (NDManager scope = network.manager().newSubManager()) {
            NDList list = read(file, scope);
            Map<String, Parameter> parameters = network.parametersByName();
            for (NDArray array : list) {
                Parameter parameter = parameters.remove(array.getName());
                if (parameter == null) {
                    throw new IOException(file + ": the network has no parameter '" + array.getName() + "'");
                }
                if (!parameter.getArray().getShape().equals(array.getShape())) {
                    throw new IOException(file + ": '" + array.getName() + "' has the shape " + array.getShape()
                            + ", the network's has " + parameter.getArray().getShape());
                }
                copy(array, parameter.getArray());
            }
            if (!parameters.isEmpty()) {
                throw new IOException(file + ": there is no '"
                        + parameters.keySet().iterator().next() + "'");
            }
        }
    }
}
