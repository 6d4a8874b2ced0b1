package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/**
 * The embedded default: generated grey images of stroked digits and letters whose difficulty is a number. Every sample's own
 * difficulty is drawn between 0 and twice the given one, so that easy and hard samples are mixed.
 */
final class GlyphsFactory implements DatasetFactory<GlyphsFactory.Config> {
    record Config(
            @Key(value = "training samples", defaultValue = "6000", min = 20, max = 1000000)
            int train,

            @Key(value = "test samples", defaultValue = "2000", min = 20, max = 1000000)
            int test,

            @Key(value = "classes: the digits, then letters", defaultValue = "10", min = 2, max = 36)
            int classes,

            @Key(value = "image side, in pixels", defaultValue = "16", min = 12, max = 64)
            int size,

            @Key(
                    value = "mean difficulty: warp, noise, occlusion and clutter grow with it",
                    defaultValue = "0.5",
                    min = 0,
                    max = 1)
            double difficulty,

            @Key(
                    value = "standard deviation of noise added to every pixel, of 1",
                    defaultValue = "0.0",
                    min = 0,
                    max = 1)
            double noise,

            @Key(value = "seed of the generator", defaultValue = "1")
            long seed) {}

    @Override
    public String name() {
        return "glyphs";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        List<String> names =
                IntStream.range(0, config.classes()).mapToObj(Strokes::name).toList();
        return new LazyDataset(
                new Shape(1, config.size(), config.size()),
                names,
                draw(config, "train", config.train(), 1),
                () -> draw(config, "test", config.test(), 2));
    }

    private static Examples draw(Config config, String split, int count, long part) {
        int sampleSize = config.size() * config.size();
        byte[] pixels = new byte[Math.multiplyExact(count, sampleSize)];
        int[] labels = new int[count];
        GlyphPainter painter = new GlyphPainter(config.size(), config.difficulty(), config.noise());
        for (int i = 0; i < count; i++) {
            labels[i] = i % config.classes();
            painter.paint(labels[i], config.seed() * 4 + part, i, pixels, i * sampleSize);
        }
        return StoredExamples.ofBytes(split, pixels, sampleSize, labels);
    }
}
