package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What TorchScript stages are, as their exporter wrote it down.
 *
 * @param input the shape of a sample
 * @param classes the number of classes
 * @param stages the stages in order
 */
record TorchScriptManifest(Shape input, int classes, List<Part> stages) {
    private static final long MOST_BYTES = 1 << 20;

    /**
     * One stage.
     *
     * @param name its name
     * @param archive the TorchScript archive
     * @param method the archive's method
     * @param output the shape of what it gives for one sample
     * @param macs the MACs of one sample
     */
    record Part(String name, Path archive, String method, Shape output, long macs) {}

    /**
     * Reads a manifest.
     *
     * @param file a JSON file
     * @throws IllegalArgumentException if it is not as it should be; the message names the place
     */
    static TorchScriptManifest read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                throw wrong(file, "there is no such file of at most 1 MiB");
            }
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            onlyKeys(file, "", json, Set.of("input", "classes", "stages"));
            Shape input = shape(file, "input", json);
            int classes = field(file, "", json, "classes").getAsInt();
            List<Part> parts = new ArrayList<>();
            Set<String> names = new HashSet<>();
            JsonArray stages = field(file, "", json, "stages").getAsJsonArray();
            for (int i = 0; i < stages.size(); i++) {
                Part part = part(file, "stages[" + i + "].", stages.get(i).getAsJsonObject());
                if (!names.add(part.name())) {
                    throw wrong(file, "stages[" + i + "].name: there is a stage '" + part.name() + "' already");
                }
                parts.add(part);
            }
            if (parts.isEmpty()) {
                throw wrong(file, "stages: []; at least one is needed");
            }
            Shape last = parts.get(parts.size() - 1).output();
            if (!last.equals(new Shape(classes))) {
                throw wrong(
                        file,
                        "stages[" + (parts.size() - 1) + "].output: " + last
                                + "; the last stage gives one logit for each of the " + classes + " classes");
            }
            return new TorchScriptManifest(input, classes, List.copyOf(parts));
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NumberFormatException e) {
            throw new IllegalArgumentException("manifest: " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Part part(Path file, String place, JsonObject json) throws IOException {
        onlyKeys(file, place, json, Set.of("name", "archive", "method", "output", "macs"));
        String name = field(file, place, json, "name").getAsString();
        if (name.isBlank()) {
            throw wrong(file, place + "name is blank");
        }
        String archive = field(file, place, json, "archive").getAsString();
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.resolveSibling("");
        Path path = absolute.resolveSibling(archive).normalize();
        if (!path.startsWith(folder) || !Files.isRegularFile(path)) {
            throw wrong(file, place + "archive: '" + archive + "' is not a file beside the manifest");
        }
        String method = json.has("method") ? json.get("method").getAsString() : "forward";
        if (!method.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw wrong(file, place + "method: '" + method + "' is not the name of a method");
        }
        long macs = field(file, place, json, "macs").getAsLong();
        if (macs < 0) {
            throw wrong(file, place + "macs: " + macs + "; allowed is a number >= 0");
        }
        return new Part(name, path, method, shape(file, place + "output", json), macs);
    }

    private static Shape shape(Path file, String place, JsonObject json) {
        String key = place.substring(place.lastIndexOf('.') + 1);
        JsonArray sides = field(file, place.substring(0, place.length() - key.length()), json, key)
                .getAsJsonArray();
        long[] shape = new long[sides.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sides.get(i).getAsLong();
            if (shape[i] < 1) {
                throw wrong(file, place + ": " + sides + "; every side is at least 1, the batch is left out");
            }
        }
        return new Shape(shape);
    }

    private static void onlyKeys(Path file, String place, JsonObject json, Set<String> allowed) {
        for (String key : json.keySet()) {
            if (!allowed.contains(key)) {
                throw wrong(
                        file,
                        place + key + ": unknown; known are "
                                + allowed.stream().sorted().toList());
            }
        }
    }

    private static JsonElement field(Path file, String place, JsonObject json, String key) {
        JsonElement value = json.get(key);
        if (value == null) {
            throw wrong(file, "there is no " + place + key);
        }
        return value;
    }

    private static IllegalArgumentException wrong(Path file, String what) {
        return new IllegalArgumentException("manifest: " + file + ": " + what);
    }
}
