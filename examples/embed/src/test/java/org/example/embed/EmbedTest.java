package org.example.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.Classifications;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.EarlyExitModel;

class EmbedTest {
    private static final Path BUNDLE = Path.of("src", "test", "resources", "bundle");
    private static final int SIDE = 12;

    @Test
    void djlAndOfframpAnswerAlike(@TempDir Path folder) throws Exception {
        Random random = new Random(1);
        List<Path> files = new ArrayList<>();
        float[][] rows = new float[6][SIDE * SIDE];
        for (int n = 0; n < rows.length; n++) {
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            for (int i = 0; i < SIDE * SIDE; i++) {
                int grey = random.nextInt(256);
                rows[n][i] = grey / 255f;
                image.getRaster().setSample(i % SIDE, i / SIDE, 0, grey);
            }
            Path file = folder.resolve(n + ".png");
            ImageIO.write(image, "png", file.toFile());
            files.add(file);
        }
        List<Classifications> classes = Classify.classify(BUNDLE, files);
        try (Dial dial = new Dial(BUNDLE, 0.95)) {
            List<EarlyExitModel.Prediction> calm = dial.answer(false, rows);
            List<EarlyExitModel.Prediction> busy = dial.answer(true, rows);
            for (int n = 0; n < rows.length; n++) {
                assertEquals(calm.get(n).className(), classes.get(n).best().getClassName());
                assertEquals(
                        calm.get(n).probabilities()[calm.get(n).index()],
                        classes.get(n).best().getProbability(),
                        1e-5);
                assertTrue(busy.get(n).macs() <= calm.get(n).macs());
            }
        }
    }
}
