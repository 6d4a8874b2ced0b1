package org.offramp.api;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Labelled samples of one shape, with an official test split. Thread-safe once opened. */
public interface Dataset {
    /** The shape of one sample, without the batch dimension: channels first, e.g. {@code (3, 32, 32)} or {@code (9, 128)}. */
    Shape sampleShape();

    /** The class names; a label is an index into this list. At least two. */
    List<String> classNames();

    /** The samples for training, validation and, where there is no {@link #calibration}, calibration; the host splits them. */
    Examples train();

    /**
     * Samples of the same shape without labels, where the user named some: a trainer may learn from their values. {@link Examples#label}
     * is never called.
     */
    @Experimental("samples without labels are for losses only")
    default Optional<Examples> unlabelled() {
        return Optional.empty();
    }

    /**
     * Samples for calibration that are kept apart, such as for a pretrained backbone that has seen all training samples; none of them is a
     * training or a test sample. Empty where the host takes a part of the training samples.
     */
    default Optional<Examples> calibration() {
        return Optional.empty();
    }

    /** The test samples. The host asks for them only after thresholds are sealed. */
    Examples test();

    /**
     * The number of token ids where a sample is a row of token ids, padding (0) included: every id is below it. Empty for other
     * samples.
     */
    default OptionalInt tokenIds() {
        return OptionalInt.empty();
    }

    /**
     * Text files that turn raw inputs into samples elsewhere, by name: {@code vocab.txt} of a tokenizer. A bundle keeps them under these names.
     */
    default Map<String, String> publishedFiles() {
        return Map.of();
    }
}
