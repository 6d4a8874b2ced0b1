package org.offramp.host.strategy;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.FileSource;
import org.offramp.host.plugin.PluginFinder;

class FitTest {
    @TempDir
    private Path folder;

    private void check(int vocabulary, int positions) throws IOException {
        Engine.getInstance();
        Files.writeString(folder.resolve("train.csv"), "text,category\none two three,a\nfour five,b\n");
        Files.writeString(folder.resolve("test.csv"), "text,category\none,a\nfive,b\n");
        String yaml = """
                data: { name: text-csv, path: '%s', length: 4 }
                strategies:
                  - name: one
                    backbone: { name: bert, layers: 2, width: 8, heads: 2, vocabulary: %d, positions: %d }
                    trainers: [ { name: joint } ]
                    policy: { name: margin }
                    calibrate: { threshold: [ 0.5 ] }
                """.formatted(folder, vocabulary, positions);
        RunConfig config = RunConfigLoader.parse(
                yaml, "test.yaml", List.of(), PluginFinder.find(List.of(), FitTest.class.getClassLoader()));
        Fit.check(config, config.data().open().apply(new FileSource(folder, false)));
    }

    @Test
    void aVocabularyThatTheBackboneDoesNotKnowIsRefused() {
        assertThatThrownBy(() -> check(9, 4))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("strategies[0].backbone: it knows 9 token ids, the dataset's vocabulary has 10");
        assertThatCode(() -> check(10, 4)).doesNotThrowAnyException();
    }

    @Test
    void samplesLongerThanTheModelAreRefused() {
        assertThatThrownBy(() -> check(10, 3))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("takes at most 3 tokens; the samples have 4");
    }
}
