package org.offramp.host.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.Examples;

/**
 * A dataset's official training split, divided into training, validation and calibration samples by a seeded hash of each
 * sample's id or group: disjoint, the same on every machine, and unchanged for a sample when others come or go. The test split
 * is opened on request only.
 */
public final class DataSplits {
    private final Dataset dataset;
    private final Normalization normalization;
    private final SampleSet training;
    private final SampleSet validation;
    private final SampleSet calibration;
    private final SampleSet unlabelled;

    private DataSplits(Dataset dataset, Normalization normalization, List<int[]> parts, Examples calibration) {
        this.dataset = dataset;
        this.normalization = normalization;
        this.training = set(Split.TRAIN, dataset.train(), parts.get(0));
        this.validation = set(Split.VALIDATION, dataset.train(), parts.get(1));
        this.calibration = set(Split.CALIBRATION, calibration, parts.get(2));
        Examples without = dataset.unlabelled().orElseGet(dataset::train);
        int count = dataset.unlabelled().map(Examples::size).orElse(0);
        this.unlabelled =
                set(Split.UNLABELLED, without, IntStream.range(0, count).toArray());
    }

    /**
     * Divides a dataset.
     *
     * @param dataset the dataset
     * @param validation the fraction for validation, 0 … 1
     * @param calibration the fraction for calibration, 0 … 1; with validation less than 1; unused where the dataset keeps samples apart for it
     * @param byGroup whether groups stay together
     * @param normalize how values are normalised
     * @param seed seeds the hash
     * @throws DatasetException if a split is empty, a label is out of range, or there is one class only
     */
    public static DataSplits of(
            Dataset dataset,
            double validation,
            double calibration,
            boolean byGroup,
            Normalization.Kind normalize,
            long seed) {
        Examples examples = dataset.train();
        check(dataset, examples, "training");
        Optional<Examples> apart = dataset.calibration();
        apart.ifPresent(given -> check(dataset, given, "calibration"));
        double taken = apart.isPresent() ? 0 : calibration;
        Map<String, Double> places = byGroup ? places(examples, seed) : Map.of();
        List<List<Integer>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int index = 0; index < examples.size(); index++) {
            double place =
                    byGroup ? places.getOrDefault(examples.group(index), 0.0) : hashToUnit(seed, examples.id(index));
            int part = place < taken ? 2 : place < taken + validation ? 1 : 0;
            parts.get(part).add(index);
        }
        apart.ifPresent(given -> IntStream.range(0, given.size()).forEach(parts.get(2)::add));
        List<int[]> indices = parts.stream()
                .map(part -> part.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        List<String> names = List.of("training", "validation", "calibration");
        for (int part = 0; part < 3; part++) {
            boolean wanted = part != 1 || validation > 0;
            if (wanted && indices.get(part).length == 0) {
                throw new DatasetException("the " + names.get(part) + " split is empty: " + examples.size()
                        + " samples divided with splits.validation " + validation + " and splits.calibration "
                        + calibration + (byGroup ? " by group" : ""));
            }
        }
        Normalization normalization = Normalization.of(normalize, examples, indices.get(0), dataset.sampleShape());
        return new DataSplits(dataset, normalization, indices, apart.orElse(examples));
    }

    /** Few groups are spread evenly over 0 … 1, in the order of their hashes, so that no split is empty by chance. */
    private static Map<String, Double> places(Examples examples, long seed) {
        List<String> groups = IntStream.range(0, examples.size())
                .mapToObj(examples::group)
                .distinct()
                .sorted(Comparator.comparingDouble((String group) -> hashToUnit(seed, group))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        Map<String, Double> places = new HashMap<>();
        for (int i = 0; i < groups.size(); i++) {
            places.put(groups.get(i), (double) i / groups.size());
        }
        return places;
    }

    /** The dataset. */
    public Dataset dataset() {
        return dataset;
    }

    /** How values are normalised. */
    public Normalization normalization() {
        return normalization;
    }

    /** The training samples. */
    public SampleSet training() {
        return training;
    }

    /** The validation samples; the calibration split is never among them. */
    public SampleSet validation() {
        return validation;
    }

    /** The calibration samples. */
    public SampleSet calibration() {
        return calibration;
    }

    /** The samples without labels; none where the dataset has none. */
    public SampleSet unlabelled() {
        return unlabelled;
    }

    /**
     * Opens the test split. To be called after thresholds are sealed.
     *
     * @throws DatasetException if it is broken or empty
     */
    public SampleSet openTest() {
        Examples test = dataset.test();
        check(dataset, test, "test");
        return set(Split.TEST, test, IntStream.range(0, test.size()).toArray());
    }

    private SampleSet set(Split split, Examples examples, int[] indices) {
        return new SampleSet(
                split, examples, dataset.sampleShape(), dataset.classNames().size(), normalization, indices);
    }

    private static void check(Dataset dataset, Examples examples, String name) {
        int classes = dataset.classNames().size();
        if (classes < 2) {
            throw new DatasetException("the dataset has " + classes + " class; at least 2 are needed");
        }
        if (examples.size() == 0) {
            throw new DatasetException("the " + name + " split is empty");
        }
        boolean several = false;
        for (int index = 0; index < examples.size(); index++) {
            int label = examples.label(index);
            if (label < 0 || label >= classes) {
                throw new DatasetException("the " + name + " sample " + examples.id(index) + " has the label " + label
                        + "; allowed are 0 to " + (classes - 1));
            }
            several |= label != examples.label(0);
        }
        if (!several) {
            throw new DatasetException("every " + name + " sample is of class '"
                    + dataset.classNames().get(examples.label(0)) + "'; at least 2 classes are needed");
        }
    }

    /**
     * A number in 0 … 1 that depends on a seed and a name only.
     *
     * @param seed the seed
     * @param name the name
     */
    public static double hashToUnit(long seed, String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
            byte[] hash = digest.digest(name.getBytes(StandardCharsets.UTF_8));
            return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
