package org.offramp.host.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import java.util.List;
import java.util.stream.Stream;
import org.offramp.api.Backbone;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;

/** The backbones of this project's plugins, all stages in one Block. */
final class OfframpBlocks {
    private static final PluginRegistry PLUGINS = PluginFinder.find(List.of(), OfframpBlocks.class.getClassLoader());

    private OfframpBlocks() {}

    static Stream<Subject> all() {
        return Stream.of(
                backbone("convnet, width: 0.25", 1, 16, 16),
                backbone("darknet, width: 0.125, pools: 3", 3, 32, 32),
                backbone("residual, depth: 8", 3, 16, 16),
                backbone("residual, depth: 20", 3, 32, 32).upTo(7),
                backbone("mobile, width: 0.25", 1, 16, 16),
                backbone("mobile, width: 0.25, strides: [2, 1, 2, 1], prelu: shared", 1, 16, 16),
                backbone("resnet, width: 0.25", 3, 64, 64).upTo(7),
                backbone("mobilenet-v3", 3, 64, 64).upTo(7),
                backbone("efficientnet, width: 0.5", 3, 64, 64).upTo(7),
                backbone("bert, layers: 2, width: 16, heads: 2, intermediate: 32, vocabulary: 20, positions: 12", 12)
                        .onTokens(20),
                backbone("conv1d, width: 0.25", 6, 64),
                backbone("mlp", 40),
                backbone("transformer, width: 16, heads: 2, vocabulary: 20", 12).onTokens(20),
                backbone("quicknet, width: 0.25, pools: 3", 3, 32, 32),
                backbone("quicknet, width: 0.25, pools: 3, prelu: element", 3, 32, 32),
                backbone("quicknet, width: 0.25, pools: 3, prelu: shared, first-layer: full", 1, 32, 32));
    }

    static Backbone create(String section, Shape shape, int classes) {
        String yaml = """
                data: { name: glyphs }
                strategies:
                  - name: one
                    backbone: { name: %s }
                    trainers: [ { name: joint } ]
                    policy: { name: max-probability }
                    calibrate: { threshold: [ 0.5 ] }
                """.formatted(section);
        RunConfig config = RunConfigLoader.parse(yaml, "test.yaml", List.of(), PLUGINS);
        return config.strategies().get(0).backbone().create().apply(shape, classes);
    }

    private static Subject backbone(String section, long... shape) {
        return Subject.of(
                "backbones",
                section,
                () -> {
                    SequentialBlock whole = new SequentialBlock();
                    create(section, new Shape(shape), 5).stages().forEach(stage -> whole.add(stage.block()));
                    return whole;
                },
                shape);
    }
}
