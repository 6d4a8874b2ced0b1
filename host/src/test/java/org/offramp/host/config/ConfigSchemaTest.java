package org.offramp.host.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import org.yaml.snakeyaml.Yaml;

/** The schema that editors use says the same as the loader. */
class ConfigSchemaTest {
    private static final PluginRegistry REGISTRY =
            PluginFinder.find(List.of(), ConfigSchemaTest.class.getClassLoader());
    private static final JsonNode TEXT = ConfigSchema.of(REGISTRY);
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(TEXT);

    static Stream<Path> examples() throws IOException {
        Path folder = Path.of("..", "examples");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    private static Set<ValidationMessage> problems(String yaml) {
        return SCHEMA.validate(new ObjectMapper().valueToTree(new Yaml().load(yaml)));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsValid(Path file) throws IOException {
        assertThat(problems(Files.readString(file))).isEmpty();
    }

    @Test
    void whatTheLoaderRefusesIsInvalid() {
        String good = """
                data: { name: glyphs, train: 200 }
                strategies:
                  - name: one
                    backbone: { name: convnet, exits: [1] }
                    trainers: [ { name: joint, epochs: 1 } ]
                    policy: { name: margin }
                    calibrate: { threshold: 0.5 }
                """;
        assertThat(problems(good)).isEmpty();
        List<String> accepted = new ArrayList<>();
        for (String bad : List.of(
                good.replace("train: 200", "trian: 200"),
                good.replace("train: 200", "train: many"),
                good.replace("epochs: 1", "epochs: 0"),
                good.replace("name: joint", "name: jiont"),
                good.replace("policy:", "polcy:"),
                good.replace("exits: [1]", "exits: [a]"),
                good.replace("threshold: 0.5", "search: locally"),
                good + "seeds: []\n",
                good + "normalize: imagnet\n")) {
            if (problems(bad).isEmpty()) {
                accepted.add(bad);
            }
        }
        assertThat(accepted).isEmpty();
    }

    @Test
    void everyKeyOfTheDocumentIsDescribed() {
        List<String> keys = new ArrayList<>();
        TEXT.get("properties").fieldNames().forEachRemaining(keys::add);
        assertThat(keys).containsExactlyInAnyOrderElementsOf(RunConfigLoader.KEYS);
    }
}
