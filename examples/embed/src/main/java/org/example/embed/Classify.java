package org.example.embed;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Classifies image files with a bundle: {@code Classify BUNDLE IMAGE…}. */
public final class Classify {
    private Classify() {}

    /**
     * Prints a line per image.
     *
     * @param arguments the bundle, then images
     */
    public static void main(String[] arguments) throws Exception {
        List<Path> images = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            images.add(Path.of(arguments[i]));
        }
        List<Classifications> answers = classify(Path.of(arguments[0]), images);
        for (int i = 0; i < answers.size(); i++) {
            System.out.println(images.get(i) + ": " + answers.get(i).best());
        }
    }

    /** DJL's own way: nothing here is Offramp's. One model for the program, one predictor for each thread. */
    static List<Classifications> classify(Path bundle, List<Path> images) throws Exception {
        Criteria<Image, Classifications> criteria = Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(bundle)
                .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            List<Image> batch = new ArrayList<>();
            for (Path image : images) {
                batch.add(ImageFactory.getInstance().fromFile(image));
            }
            return predictor.batchPredict(batch);
        }
    }
}
