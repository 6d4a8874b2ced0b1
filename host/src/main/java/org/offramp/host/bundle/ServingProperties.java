package org.offramp.host.bundle;

import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;

/**
 * {@code serving.properties}: how DJL, and DJL Serving, load the bundle without being told. For images DJL's own classification
 * translator scales, makes a tensor in 0 … 1, and names the classes.
 */
final class ServingProperties {
    static final String NAME = "serving.properties";

    private ServingProperties() {}

    /** Whether samples are images: {@code (1, height, width)} grey or {@code (3, height, width)} coloured. */
    static boolean isImage(Shape shape) {
        return shape.dimension() == 3 && (shape.get(0) == 1 || shape.get(0) == 3);
    }

    static byte[] bytes(Shape shape) {
        StringBuilder text = new StringBuilder("engine=Offramp\n");
        if (isImage(shape)) {
            text.append("application=cv/image_classification\n")
                    .append("translatorFactory=ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory\n")
                    .append("flag=")
                    .append(shape.get(0) == 1 ? "GRAYSCALE" : "COLOR")
                    .append("\nwidth=")
                    .append(shape.get(2))
                    .append("\nheight=")
                    .append(shape.get(1))
                    .append("\nresize=true\ntoTensor=true\napplySoftmax=false\nbatchifier=stack\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
