package org.offramp.host.bundle;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads and writes {@code bundle.yaml}; brings what an older Offramp wrote to the current format. */
final class ManifestFile {
    static final String NAME = "bundle.yaml";

    private static final int MOST_CHARACTERS = 16 << 20;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private ManifestFile() {}

    /**
     * Reads a manifest.
     *
     * @param directory the bundle
     * @throws BundleException if there is none, it is of a newer format, or its parts do not fit together
     */
    static BundleManifest read(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            throw new BundleException(directory + ": not a bundle, it has no " + NAME);
        }
        BundleManifest manifest;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setCodePointLimit(MOST_CHARACTERS);
            Object document = new Yaml(new SafeConstructor(options)).load(Files.readString(file));
            manifest = JSON.treeToValue(current(JSON.valueToTree(document), file), BundleManifest.class);
        } catch (YAMLException | IOException | IllegalArgumentException e) {
            throw new BundleException(file + ": cannot be read: " + e.getMessage(), e);
        }
        check(manifest, file);
        return manifest;
    }

    static byte[] bytes(BundleManifest manifest) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.AUTO);
        options.setWidth(140);
        options.setAllowUnicode(true);
        Map<?, ?> tree = JSON.convertValue(manifest, Map.class);
        return new Yaml(options).dump(tree).getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode current(JsonNode tree, Path file) {
        int format = tree.path("format").asInt(-1);
        if (format > BundleManifest.FORMAT || format < 1 || !(tree instanceof ObjectNode document)) {
            throw new BundleException(file + ": format " + tree.path("format") + "; this Offramp reads formats 1 to "
                    + BundleManifest.FORMAT);
        }
        if (format == 1) {
            fromFormat1(document);
        }
        if (format < 3) {
            document.path("exits").forEach(exit -> ((ObjectNode) exit).putArray("archived"));
        }
        document.put("format", BundleManifest.FORMAT);
        return document;
    }

    /** Format 1 had the input's parts side by side, checksums without sizes, and did not name the policy's plugin. */
    private static void fromFormat1(ObjectNode document) {
        ObjectNode input = JSON.createObjectNode();
        input.set("shape", document.get("input"));
        input.put("values", BundleManifest.Input.VALUES);
        input.set("mean", document.remove("mean"));
        input.set("deviation", document.remove("deviation"));
        document.set("input", input);
        document.putObject("output")
                .put("classes", document.path("classNames").size())
                .put("values", BundleManifest.Output.VALUES);
        document.putObject("samples");
        document.put("policyPlugin", "");
        ObjectNode files = JSON.createObjectNode();
        document.path("files")
                .properties()
                .forEach(entry -> files.putObject(entry.getKey())
                        .put("size", BundleManifest.FileEntry.UNKNOWN)
                        .set("sha256", entry.getValue()));
        document.set("files", files);
    }

    private static void check(BundleManifest manifest, Path file) {
        int exits = manifest.exits().size();
        if (exits < 1 || manifest.thresholds().size() != exits - 1) {
            throw new BundleException(
                    file + ": " + manifest.thresholds().size() + " thresholds for " + exits + " exits");
        }
        int classes = manifest.classNames().size();
        if (classes < 1 || manifest.output().classes() != classes) {
            throw new BundleException(file + ": " + classes + " class names for "
                    + manifest.output().classes() + " classes");
        }
        long values = 1;
        for (long size : manifest.input().shape()) {
            values = size < 1 || size > Integer.MAX_VALUE / values ? 0 : values * size;
            if (values == 0) {
                throw new BundleException(
                        file + ": input.shape: " + manifest.input().shape());
            }
        }
        long archived = manifest.exits().stream()
                .filter(exit -> !exit.archived().isEmpty())
                .count();
        if (archived != 0 && archived != exits) {
            throw new BundleException(file + ": exits: " + archived + " of " + exits
                    + " have archived stages; either all are archived or none");
        }
        for (String archive : manifest.archives()) {
            if (!manifest.files().containsKey(archive)) {
                throw new BundleException(file + ": exits: the archive '" + archive + "' is not among files");
            }
        }
        manifest.files().keySet().forEach(name -> {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw new BundleException(file + ": files: '" + name + "' is not the name of a file in the bundle");
            }
        });
    }
}
