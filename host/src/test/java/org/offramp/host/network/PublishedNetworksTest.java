package org.offramp.host.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.offramp.api.Backbone;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.plugin.PluginFinder;

/** The networks in torchvision's layout against the counts that torchvision publishes for them (1,000 classes, 224 x 224). */
class PublishedNetworksTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resnet, depth: 18 | 11689512 | 1.814",
                "resnet, depth: 34 | 21797672 | 3.664",
                "resnet, depth: 50 | 25557032 | 4.089",
                "mobilenet-v3, size: large | 5483032 | 0.217",
                "mobilenet-v3, size: small | 2542856 | 0.057",
                "efficientnet | 5288548 | 0.386"
            })
    void parametersAndMacsAreThePublishedOnes(String section, long parameters, double gigaMacs) {
        try (Network network = network(section)) {
            long trained = network.trainable(part -> true).values().stream()
                    .map(Parameter::getArray)
                    .mapToLong(array -> array.getShape().size())
                    .sum();
            assertThat(trained).isEqualTo(parameters);
            assertThat(Math.round(network.backboneMacs() / 1e6)).isEqualTo(Math.round(gigaMacs * 1e3));
        }
    }

    private static Network network(String section) {
        String yaml = """
                data: { name: glyphs }
                strategies:
                  - name: one
                    backbone: { name: %s }
                    trainers: [ { name: joint } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: [ 0.5 ] }
                """.formatted(section);
        RunConfig config = RunConfigLoader.parse(
                yaml,
                "test.yaml",
                List.of(),
                PluginFinder.find(List.of(), PublishedNetworksTest.class.getClassLoader()));
        Backbone backbone = config.strategies().get(0).backbone().create().apply(new Shape(3, 224, 224), 1000);
        return Network.assemble(backbone, List.of(), 1);
    }
}
