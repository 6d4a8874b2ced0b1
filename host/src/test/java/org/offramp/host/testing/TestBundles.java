package org.offramp.host.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.cli.Main;

/** Bundles for tests: one that an Offramp of format 1 wrote, and small ones trained on the spot. */
public final class TestBundles {
    /** The values of a sample of these bundles: (1, 12, 12). */
    public static final int SIZE = 144;

    private TestBundles() {}

    /** The bundle of format 1 with its samples and answers. Samples (1, 12, 12), three classes, three exits, thresholds 0.95. */
    public static Path golden() {
        return Path.of("src", "test", "resources", "bundles");
    }

    /**
     * Copies a bundle.
     *
     * @param bundle the bundle
     * @param to where; not there yet
     */
    public static Path copy(Path bundle, Path to) {
        try (Stream<Path> files = Files.list(bundle)) {
            Files.createDirectories(to);
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Trains a small network on glyphs of (1, 12, 12).
     *
     * @param folder where the bundle is to be
     * @param backbone the section
     * @param policy the section
     * @param calibrate the section
     */
    public static Path train(Path folder, String backbone, String policy, String calibrate) {
        String yaml = """
                data: { name: glyphs, train: 400, test: 40, size: 12, classes: 3 }
                strategies:
                  - name: small
                    backbone: %s
                    trainers: [ { name: joint, epochs: 12 } ]
                    policy: %s
                    calibrate: %s
                """.formatted(backbone, policy, calibrate);
        try {
            Path bundle = folder.resolve("bundle-" + Integer.toHexString((backbone + policy + calibrate).hashCode()));
            Path file = Files.writeString(folder.resolve(bundle.getFileName() + ".yaml"), yaml);
            int code = Main.run("--quiet", "train", file.toString(), "-o", bundle.toString());
            if (code > 1) {
                throw new IllegalStateException("training ended with " + code);
            }
            return bundle;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sets a bundle's threshold between the two middle scores at the first exit, so that half of the samples leave there.
     *
     * @param bundle the bundle
     * @param samples the samples
     */
    public static void spread(Path bundle, float[][] samples) {
        double[] scores;
        try (EarlyExitModel loaded = EarlyExitModel.load(bundle);
                EarlyExitModel first = loaded.withThreshold(Double.NEGATIVE_INFINITY)) {
            scores = first.predict(samples).stream()
                    .mapToDouble(EarlyExitModel.Prediction::score)
                    .sorted()
                    .toArray();
        }
        int code = Main.run(
                "calibrate",
                bundle.toString(),
                "--threshold=" + (scores[scores.length / 2 - 1] + scores[scores.length / 2]) / 2);
        if (code != 0) {
            throw new IllegalStateException("calibrating ended with " + code);
        }
    }

    /**
     * Random samples in 0 … 1, from dark to bright ones.
     *
     * @param count how many
     * @param seed the seed
     */
    public static float[][] samples(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] samples = new float[count][SIZE];
        for (int n = 0; n < count; n++) {
            int brightest = 16 + n * 239 / count;
            for (int i = 0; i < SIZE; i++) {
                samples[n][i] = (i / 12 + n) % 4 == 0 ? random.nextInt(brightest) / 255f : 0;
            }
        }
        return samples;
    }
}
