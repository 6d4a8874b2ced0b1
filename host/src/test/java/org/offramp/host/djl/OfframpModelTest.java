package org.offramp.host.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.bundle.EarlyExitModel.Prediction;
import org.offramp.host.testing.TestBundles;

/** A bundle through DJL's own interfaces answers as it does through Offramp's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OfframpModelTest {
    private static final int COUNT = 24;

    private final float[][] samples = TestBundles.samples(COUNT, 5);
    private final List<Prediction> expected = new ArrayList<>();
    private Path bundle;

    @BeforeAll
    void train(@TempDir Path folder) {
        bundle = TestBundles.train(
                folder, "{ name: convnet, width: 0.25 }", "{ name: max-probability }", "{ threshold: 0.5 }");
        TestBundles.spread(bundle, samples);
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            expected.addAll(model.predict(samples));
        }
    }

    private static BufferedImage picture(float[] sample) {
        BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < sample.length; i++) {
            image.getRaster().setSample(i % 12, i / 12, 0, Math.round(sample[i] * 255));
        }
        return image;
    }

    private static Image image(float[] sample) {
        return ImageFactory.getInstance().fromImage(picture(sample));
    }

    private void same(Classifications given, Prediction wanted) {
        assertThat(given.getClassNames()).containsExactly("0", "1", "2");
        for (int k = 0; k < 3; k++) {
            assertThat(given.getProbabilities().get(k)).isCloseTo(wanted.probabilities()[k], within(1e-5));
        }
    }

    /** Rows in, answers out: a translator as a service would write it. */
    private static final class Rows implements Translator<float[], Prediction> {
        @Override
        public NDList processInput(TranslatorContext context, float[] row) {
            return new NDList(context.getNDManager().create(row, new Shape(1, 12, 12)));
        }

        @Override
        public Prediction processOutput(TranslatorContext context, NDList list) {
            NDArray probabilities = list.get(0);
            int index = (int) probabilities.argMax().getLong();
            return new Prediction(
                    index,
                    String.valueOf(index),
                    probabilities.toFloatArray(),
                    (int) list.get(1).getLong(),
                    list.get(2).getFloat(),
                    list.get(3).getLong());
        }

        @Override
        public Batchifier getBatchifier() {
            return Batchifier.STACK;
        }
    }

    @Test
    void criteriaWithNothingButThePathClassifyImages() throws Exception {
        Criteria<Image, Classifications> criteria = Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(bundle)
                .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            List<Image> images = new ArrayList<>();
            for (float[] sample : samples) {
                images.add(image(sample));
            }
            List<Classifications> given = predictor.batchPredict(images);
            for (int i = 0; i < COUNT; i++) {
                same(given.get(i), expected.get(i));
                same(predictor.predict(images.get(i)), expected.get(i));
            }
            assertThat(predictor.predict(image(new float[144])).best().getProbability())
                    .isBetween(0.33, 1.0);
            assertThat(model.getWrappedModel()).isInstanceOf(OfframpModel.class);
            assertThat(model.describeInput().valueAt(0)).isEqualTo(new Shape(-1, 1, 12, 12));
            assertThat(model.describeOutput().valueAt(0)).isEqualTo(new Shape(-1, 3));
        }
        assertThat(Engine.getInstance().getEngineName()).isEqualTo("PyTorch");
    }

    @Test
    void everyOutputReachesATranslatorOfOnesOwn() throws Exception {
        Criteria<float[], Prediction> criteria = Criteria.builder()
                .setTypes(float[].class, Prediction.class)
                .optModelPath(bundle)
                .optOption("output", "all")
                .optTranslator(new Rows())
                .build();
        try (ZooModel<float[], Prediction> model = criteria.loadModel();
                Predictor<float[], Prediction> predictor = model.newPredictor()) {
            List<Prediction> given = predictor.batchPredict(List.of(samples));
            for (int i = 0; i < COUNT; i++) {
                assertThat(given.get(i).exit()).isEqualTo(expected.get(i).exit());
                assertThat(given.get(i).index()).isEqualTo(expected.get(i).index());
                assertThat(given.get(i).macs()).isEqualTo(expected.get(i).macs());
                assertThat(given.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5f));
            }
            assertThat(given).extracting(Prediction::exit).contains(1, 3);
        }
    }

    @Test
    void aTranslatorThatAppliesASoftmaxTakesLogarithmsAndTheThresholdIsAnOption() throws Exception {
        Criteria<Image, Classifications> criteria = Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(bundle)
                .optOption("output", "log-probabilities")
                .optOption("threshold", "Infinity")
                .optTranslator(ImageClassificationTranslator.builder()
                        .optFlag(Image.Flag.GRAYSCALE)
                        .addTransform(new ToTensor())
                        .optApplySoftmax(true)
                        .build())
                .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor();
                EarlyExitModel never =
                        ((OfframpModel) model.getWrappedModel()).bundle().withThreshold(Double.POSITIVE_INFINITY)) {
            same(predictor.predict(image(samples[0])), never.predict(samples[0]).get(0));
        }
    }

    @Test
    void aBundleOfFormat1IsLoadedWhereTheEngineIsNamed() throws Exception {
        Path old = TestBundles.golden().resolve("format-1");
        Criteria<float[], Prediction> criteria = Criteria.builder()
                .setTypes(float[].class, Prediction.class)
                .optModelPath(old)
                .optEngine("Offramp")
                .optOption("output", "all")
                .optTranslator(new Rows())
                .build();
        try (ZooModel<float[], Prediction> model = criteria.loadModel();
                Predictor<float[], Prediction> predictor = model.newPredictor();
                EarlyExitModel same = EarlyExitModel.load(old)) {
            assertThat(predictor.batchPredict(List.of(samples)))
                    .extracting(Prediction::exit)
                    .isEqualTo(
                            same.predict(samples).stream().map(Prediction::exit).toList());
        }
    }

    @Test
    void djlServingsRequestsAreAnswered() throws Exception {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(picture(samples[1]), "png", png);
        Criteria<Input, Output> criteria = Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(bundle)
                .build();
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            Input request = new Input();
            request.add("data", png.toByteArray());
            Output answer = predictor.predict(request);
            assertThat(answer.getCode()).isEqualTo(200);
            assertThat(answer.getData().getAsString())
                    .contains(
                            "\"className\"", "\"probability\"", expected.get(1).className());
        }
    }

    @Test
    void severalPredictorsWorkInThreadsAndClosingWaitsForThem() throws Exception {
        Criteria<float[], Prediction> criteria = Criteria.builder()
                .setTypes(float[].class, Prediction.class)
                .optModelPath(bundle)
                .optOption("output", "all")
                .optTranslator(new Rows())
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ZooModel<float[], Prediction> model = criteria.loadModel()) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                work.add(() -> {
                    int answered = 0;
                    try (Predictor<float[], Prediction> predictor = model.newPredictor()) {
                        for (int round = 0; round < 200; round++) {
                            Prediction given = predictor.predict(samples[round % COUNT]);
                            assertThat(given.exit())
                                    .isEqualTo(expected.get(round % COUNT).exit());
                            if (++answered == 20) {
                                model.getWrappedModel().close();
                            }
                        }
                    } catch (TranslateException e) {
                        assertThat(e).hasMessageContaining("the model was closed");
                    } catch (IllegalStateException e) {
                        // The model was closed before this thread had a predictor.
                        assertThat(answered).isZero();
                    }
                    return answered;
                });
            }
            int most = 0;
            for (Future<Integer> future : threads.invokeAll(work)) {
                most = Math.max(most, future.get());
            }
            assertThat(most).isBetween(20, 199);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatCannotBeLoadedOrAnsweredIsNamed() throws Exception {
        assertThatThrownBy(() -> load("output", "logits"))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("option output: 'logits'; allowed: probabilities, log-probabilities, all");
        assertThatThrownBy(() -> load("threshold", "high")).hasMessageContaining("option threshold: 'high'");
        try (ZooModel<NDList, NDList> model = load("output", "all");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            assertThatThrownBy(() ->
                            predictor.predict(new NDList(model.getNDManager().zeros(new Shape(2, 1, 12, 13)))))
                    .hasMessageContaining("a batch of shape (2, 1, 12, 13); the bundle takes (batch, [1, 12, 12])");
            NDArray spoilt = model.getNDManager().ones(new Shape(2, 1, 12, 12)).mul(Float.NaN);
            assertThatThrownBy(() -> predictor.predict(new NDList(spoilt)))
                    .hasMessageContaining("sample 0: value 0 is NaN");
            assertThat(predictor
                            .predict(new NDList(model.getNDManager().zeros(new Shape(0, 1, 12, 12))))
                            .get(0)
                            .getShape())
                    .isEqualTo(new Shape(0, 3));
        }
        Path changed = TestBundles.copy(bundle, bundle.resolveSibling("changed"));
        Files.writeString(changed.resolve("stages.pt"), "no");
        assertThatThrownBy(() -> Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelPath(changed)
                        .build()
                        .loadModel())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("stages.pt: it has 2 bytes");
    }

    private ZooModel<NDList, NDList> load(String option, String value) throws Exception {
        return Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(bundle)
                .optOption(option, value)
                .build()
                .loadModel();
    }
}
