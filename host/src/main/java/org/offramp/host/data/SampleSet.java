package org.offramp.host.data;

import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Examples;
import org.offramp.api.Samples;

/** Samples of one split, in the order of the split: the host's {@link Samples}. Immutable. */
public final class SampleSet implements Samples {
    private final Split split;
    private final Examples examples;
    private final Shape shape;
    private final int classes;
    private final Normalization normalization;
    private final int[] indices;
    private final @Nullable TestPerturbation perturbation;

    SampleSet(Split split, Examples examples, Shape shape, int classes, Normalization normalization, int[] indices) {
        this(split, examples, shape, classes, normalization, indices, null);
    }

    private SampleSet(
            Split split,
            Examples examples,
            Shape shape,
            int classes,
            Normalization normalization,
            int[] indices,
            @Nullable TestPerturbation perturbation) {
        this.perturbation = perturbation;
        this.split = split;
        this.examples = examples;
        this.shape = shape;
        this.classes = classes;
        this.normalization = normalization;
        this.indices = indices;
    }

    /** The split these samples are of. */
    public Split split() {
        return split;
    }

    /** The shape of one sample. */
    public Shape shape() {
        return shape;
    }

    /** The number of classes. */
    public int classes() {
        return classes;
    }

    @Override
    public int size() {
        return indices.length;
    }

    /**
     * The dataset's index of the sample at a position.
     *
     * @param position {@code 0 … size() - 1}
     */
    public int index(int position) {
        return indices[position];
    }

    /**
     * The id of the sample at a position.
     *
     * @param position {@code 0 … size() - 1}
     */
    public String id(int position) {
        return examples.id(indices[position]);
    }

    /**
     * The label of the sample at a position.
     *
     * @param position {@code 0 … size() - 1}
     * @throws IllegalStateException if the samples are unlabelled
     */
    public int label(int position) {
        if (split == Split.UNLABELLED) {
            throw new IllegalStateException("unlabelled samples have no labels; they can only go with a phase");
        }
        return examples.label(indices[position]);
    }

    /** All labels, in order. */
    public int[] labels() {
        return java.util.stream.IntStream.range(0, size()).map(this::label).toArray();
    }

    /**
     * Reads and normalises the sample at a position.
     *
     * @param position {@code 0 … size() - 1}
     * @param target receives {@code shape().size()} values
     * @param offset where to begin in the target
     */
    public void read(int position, float[] target, int offset) {
        examples.read(indices[position], target, offset);
        normalization.apply(target, offset, (int) shape.size());
        if (perturbation != null) {
            float[] sample = Arrays.copyOfRange(target, offset, offset + (int) shape.size());
            // Of kind and id alone: the same in every run, at every strength, in every batch.
            double place = DataSplits.hashToUnit(perturbation.kind().text().hashCode(), id(position));
            perturbation.apply(sample, shape, Batches.random(Double.doubleToLongBits(place)));
            System.arraycopy(sample, 0, target, offset, sample.length);
        }
    }

    /**
     * The same samples, each perturbed when it is read; what is random depends on the kind and the sample's id only.
     *
     * @param how what is done to them
     */
    public SampleSet perturbed(TestPerturbation how) {
        return new SampleSet(split, examples, shape, classes, normalization, indices, how);
    }

    @Override
    public int[] classCounts() {
        int[] counts = new int[classes];
        if (split != Split.UNLABELLED) {
            for (int index : indices) {
                counts[examples.label(index)]++;
            }
        }
        return counts;
    }

    @Override
    public SampleSet minus(Samples others) {
        BitSet left = bits();
        left.andNot(sameSplit(others).bits());
        return with(left.stream().toArray());
    }

    @Override
    public SampleSet union(Samples others) {
        BitSet all = bits();
        all.or(sameSplit(others).bits());
        return with(all.stream().toArray());
    }

    @Override
    public SampleSet draw(int size, RandomGenerator random) {
        int[] shuffled = indices.clone();
        int count = Math.min(size, shuffled.length);
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(shuffled.length - i);
            int swapped = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = swapped;
        }
        int[] drawn = Arrays.copyOf(shuffled, count);
        Arrays.sort(drawn);
        return with(drawn);
    }

    /**
     * The samples at the given positions, in the split's order.
     *
     * @param positions one flag per sample
     */
    public SampleSet keep(boolean[] positions) {
        int count = 0;
        int[] kept = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            if (positions[i]) {
                kept[count++] = indices[i];
            }
        }
        return with(Arrays.copyOf(kept, count));
    }

    /** The SHA-256 of the ids, in order: two sets of one hash hold the same samples. */
    public String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int index : indices) {
                digest.update(examples.id(index).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) '\n');
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private SampleSet with(int[] other) {
        return new SampleSet(split, examples, shape, classes, normalization, other, perturbation);
    }

    private BitSet bits() {
        BitSet bits = new BitSet();
        Arrays.stream(indices).forEach(bits::set);
        return bits;
    }

    private SampleSet sameSplit(Samples others) {
        if (!(others instanceof SampleSet set) || set.split != split || !set.examples.equals(examples)) {
            throw new IllegalArgumentException("samples of different splits cannot be combined");
        }
        return set;
    }
}
