package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;

/** The rules of datasets, group D. Ids and labels are checked for all samples, values for samples spread over the split. */
public abstract class DatasetConformance extends Conformance<DatasetSubject<?>> {
    private static final int READ_SAMPLES = 60;
    private static final int GUARD = 5;

    /** For subclasses. */
    protected DatasetConformance() {}

    /** The host splits by the hash of the id. */
    @Rule(
            id = "D-01",
            sentence = "Sample ids MUST be unique in their split and not blank.",
            ifThisFailsCheck =
                    "ids made of file names from several folders, and of row numbers that begin again in every file.")
    public final void idsAreUnique() {
        splits(subject.open()).forEach((split, examples) -> {
            Map<String, Integer> seen = new HashMap<>();
            for (int index = 0; index < examples.size(); index++) {
                String id = examples.id(index);
                assertThat(id).as(split + " id of sample " + index).isNotBlank();
                Integer earlier = seen.putIfAbsent(id, index);
                assertThat(earlier)
                        .as(split + " sample that has the same id '" + id + "' as sample " + index)
                        .isNull();
            }
        });
    }

    /** A split that depends on the run would put calibration samples into training the next time. */
    @Rule(
            id = "D-02",
            sentence = "Sample ids and groups MUST be the same whenever the dataset is opened.",
            ifThisFailsCheck = "for object hashes, absolute paths, unsorted directory listings and unseeded chance.")
    public final void idsAreStable() {
        Map<String, Examples> again = splits(subject.open());
        splits(subject.open()).forEach((split, examples) -> {
            Examples other = Objects.requireNonNull(again.get(split));
            assertThat(other.size()).as(split + " size when opened again").isEqualTo(examples.size());
            for (int index = 0; index < examples.size(); index++) {
                assertThat(other.id(index))
                        .as(split + " id of sample " + index + " when opened again")
                        .isEqualTo(examples.id(index));
                assertThat(other.group(index))
                        .as(split + " group of sample " + index + " when opened again")
                        .isEqualTo(examples.group(index));
            }
        });
    }

    /** A label is an index into the class names. */
    @Rule(
            id = "D-03",
            sentence = "Labels MUST be classes: 0 to K - 1.",
            ifThisFailsCheck = "for labels counted from 1, and for a class list that was made from one split only.")
    public final void labelsAreClasses() {
        Dataset dataset = subject.open();
        splits(dataset).forEach((split, examples) -> {
            for (int index = 0; index < examples.size(); index++) {
                assertThat(examples.label(index))
                        .as(split + " label of sample " + index)
                        .isBetween(0, dataset.classNames().size() - 1);
            }
        });
    }

    /** One value that is not finite makes every loss after it NaN. */
    @Rule(
            id = "D-04",
            sentence = "Sample values MUST be finite.",
            ifThisFailsCheck = "for empty fields read as NaN, and divisions by a constant channel's deviation.")
    public final void valuesAreFinite() {
        Dataset dataset = subject.open();
        splits(dataset).forEach((split, examples) -> {
            for (int index : spread(examples)) {
                for (float value : values(dataset, examples, index)) {
                    assertThat(value).as(split + " value in sample " + index).isFinite();
                }
            }
        });
    }

    /** Augmentation is the host's business. */
    @Rule(
            id = "D-05",
            sentence = "Reading a sample twice MUST give the same values and the same label.",
            ifThisFailsCheck =
                    "for augmentation inside the dataset and for buffers that are handed out and used again.")
    public final void readingTwiceGivesTheSame() {
        Dataset dataset = subject.open();
        splits(dataset).forEach((split, examples) -> {
            int[] indices = spread(examples);
            List<float[]> first = Arrays.stream(indices)
                    .mapToObj(index -> values(dataset, examples, index))
                    .toList();
            for (int i = 0; i < indices.length; i++) {
                Values.assertSame(
                        values(dataset, examples, indices[i]),
                        first.get(i),
                        split + " sample " + indices[i] + " read again");
                assertThat(examples.label(indices[i]))
                        .as(split + " label of sample " + indices[i] + " asked again")
                        .isEqualTo(examples.label(indices[i]));
            }
        });
    }

    /** The host reads the next batch while one is trained on. */
    @Rule(
            id = "D-06",
            sentence = "Reading from several threads at once MUST give what one thread reads.",
            ifThisFailsCheck = "for one file position, decoder, buffer or random generator shared by all reads.")
    public final void severalThreadsReadTheSame() throws InterruptedException {
        Dataset dataset = subject.open();
        Examples train = dataset.train();
        int[] indices = Arrays.copyOf(spread(train), Math.min(8, spread(train).length));
        List<float[]> expected = Arrays.stream(indices)
                .mapToObj(index -> values(dataset, train, index))
                .toList();
        for (List<float[]> read : ThreadsAtOnce.run(() -> Arrays.stream(indices)
                .mapToObj(index -> values(dataset, train, index))
                .toList())) {
            for (int i = 0; i < indices.length; i++) {
                Values.assertSame(
                        read.get(i), expected.get(i), "train sample " + indices[i] + " read on another thread");
            }
        }
    }

    /** The target is a whole batch. */
    @Rule(
            id = "D-07",
            sentence = "Reading MUST begin at the given offset and write nothing outside the sample's values.",
            ifThisFailsCheck =
                    "that the offset is added to every index, and that a file's row is not longer than the sample.")
    public final void theOffsetIsHonoured() {
        Dataset dataset = subject.open();
        splits(dataset).forEach((split, examples) -> {
            if (examples.size() == 0) {
                return;
            }
            int size = size(dataset);
            float[] expected = values(dataset, examples, 0);
            float[] target = new float[size + 2 * GUARD];
            Arrays.fill(target, 0, GUARD, Float.NEGATIVE_INFINITY);
            Arrays.fill(target, GUARD + size, target.length, Float.NEGATIVE_INFINITY);
            examples.read(0, target, GUARD);
            for (int i = 0; i < GUARD; i++) {
                assertThat(target[i]).as(split + " value before the offset").isEqualTo(Float.NEGATIVE_INFINITY);
                assertThat(target[GUARD + size + i])
                        .as(split + " value after the sample")
                        .isEqualTo(Float.NEGATIVE_INFINITY);
            }
            Values.assertSame(
                    Arrays.copyOfRange(target, GUARD, GUARD + size), expected, split + " sample 0 at offset " + GUARD);
        });
    }

    /** The board prints the names. */
    @Rule(
            id = "D-08",
            sentence = "A dataset MUST have at least two classes with names that are unique and not blank.",
            ifThisFailsCheck =
                    "the list that the class names are read from: an empty line, a heading, a doubled folder.")
    public final void classNamesAreUnique() {
        List<String> names = subject.open().classNames();
        assertThat(names).as("class names").hasSizeGreaterThanOrEqualTo(2).doesNotHaveDuplicates();
        assertThat(names).as("class names").noneMatch(String::isBlank);
    }

    /** Fewer cannot be learned from. */
    @Rule(
            id = "D-09",
            sentence =
                    "The training split MUST have at least as many samples as classes, and the test split at least one.",
            ifThisFailsCheck = "a limit on the number of samples that cuts too much, and a filter that keeps nothing.")
    public final void thereAreSamplesEnough() {
        Dataset dataset = subject.open();
        assertThat(dataset.train().size())
                .as("training samples")
                .isGreaterThanOrEqualTo(dataset.classNames().size());
        assertThat(dataset.test().size()).as("test samples").isPositive();
    }

    /** Files sorted by class and cut at a number of samples hold one class. */
    @Rule(
            id = "D-10",
            sentence = "The training split MUST hold samples of at least two classes.",
            ifThisFailsCheck = "for files sorted by class that are cut by a limit before they are shuffled.")
    public final void trainingHoldsTwoClasses() {
        Examples train = subject.open().train();
        assertThat(IntStream.range(0, train.size()).map(train::label).distinct().count())
                .as("classes in the training split")
                .isGreaterThanOrEqualTo(2);
    }

    /** Ids may begin again in the test split; then one id names two different samples. */
    @Rule(
            id = "D-11",
            sentence = "A sample MUST NOT be in both splits: an id found in both MUST name different samples.",
            ifThisFailsCheck =
                    "that training and test come from different files, and that a split by chance is taken without overlap.")
    public final void noSampleIsInBothSplits() {
        Dataset dataset = subject.open();
        Examples train = dataset.train();
        Map<String, Integer> training = new HashMap<>();
        for (int index = 0; index < train.size(); index++) {
            training.put(train.id(index), index);
        }
        Examples test = dataset.test();
        for (int index : spread(test)) {
            Integer same = training.get(test.id(index));
            if (same != null) {
                assertThat(values(dataset, test, index))
                        .as("values of '" + test.id(index) + "', which is in the training and the test split")
                        .isNotEqualTo(values(dataset, train, same));
            }
        }
    }

    /** The host normalises; what is already centred would be centred twice. */
    @Rule(
            id = "D-12",
            sentence = "Images MUST have values in 0 to 1.",
            ifThisFailsCheck = "for bytes that are not divided by 255, and for values that are already normalised.")
    public final void imagesLieBetweenZeroAndOne() {
        Dataset dataset = subject.open();
        if (dataset.sampleShape().dimension() != 3) {
            return;
        }
        splits(dataset).forEach((split, examples) -> {
            for (int index : spread(examples)) {
                for (float value : values(dataset, examples, index)) {
                    if (Float.isFinite(value)) {
                        assertThat(value).as(split + " value in image " + index).isBetween(0f, 1f);
                    }
                }
            }
        });
    }

    /** The target is used for many samples, one after the other. */
    @Rule(
            id = "D-13",
            sentence = "Reading MUST write every value of the sample, zeros included.",
            ifThisFailsCheck = "for sparse data or padding that relies on a fresh array.")
    public final void everyValueIsWritten() {
        Dataset dataset = subject.open();
        splits(dataset).forEach((split, examples) -> {
            for (int index : spread(examples)) {
                float[] used = new float[size(dataset)];
                Arrays.fill(used, 7);
                examples.read(index, used, 0);
                Values.assertSame(
                        used, values(dataset, examples, index), split + " sample " + index + " read into a used array");
            }
        });
    }

    /** A run is to be repeated, also by others. */
    @Rule(
            id = "D-14",
            sentence = "A dataset opened twice with one configuration MUST have the same labels and values.",
            ifThisFailsCheck =
                    "for generated samples whose seed is not a key, and for directory listings that are not sorted.")
    public final void openingTwiceGivesTheSame() {
        Dataset dataset = subject.open();
        Map<String, Examples> again = splits(subject.open());
        splits(dataset).forEach((split, examples) -> {
            Examples other = Objects.requireNonNull(again.get(split));
            for (int index : spread(examples)) {
                assertThat(other.label(index))
                        .as(split + " label of sample " + index + " when opened again")
                        .isEqualTo(examples.label(index));
                Values.assertSame(
                        values(dataset, other, index),
                        values(dataset, examples, index),
                        split + " sample " + index + " when opened again");
            }
        });
    }

    /** Backbones are made for it. */
    @Rule(
            id = "D-15",
            sentence = "A dataset's sample shape MUST have at least one dimension, and every dimension at least 1.",
            ifThisFailsCheck = "that the batch dimension is left out and that sizes read from a header are checked.")
    public final void theSampleShapeIsSound() {
        Shape shape = subject.open().sampleShape();
        assertThat(shape.dimension()).as("dimensions of " + shape).isPositive();
        for (long length : shape.getShape()) {
            assertThat(length).as("a dimension of " + shape).isPositive();
        }
    }

    private static Map<String, Examples> splits(Dataset dataset) {
        Map<String, Examples> splits = new LinkedHashMap<>();
        splits.put("train", dataset.train());
        splits.put("test", dataset.test());
        return splits;
    }

    private static int[] spread(Examples examples) {
        int wanted = Math.min(READ_SAMPLES, examples.size());
        return IntStream.range(0, wanted)
                .map(i -> Math.toIntExact((long) i * examples.size() / wanted))
                .toArray();
    }

    private static int size(Dataset dataset) {
        return Math.toIntExact(dataset.sampleShape().size());
    }

    private static float[] values(Dataset dataset, Examples examples, int index) {
        float[] values = new float[size(dataset)];
        examples.read(index, values, 0);
        return values;
    }
}
