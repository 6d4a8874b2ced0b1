package org.offramp.host.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.EarlyExitModel.Prediction;

/** What a bundle gives to a translator: the option {@code output}. */
enum OutputKind {
    /** Class probabilities {@code (batch, K)}. */
    PROBABILITIES,
    /** Their logarithms, for translators that apply a softmax. */
    LOG_PROBABILITIES,
    /** Class probabilities, exits {@code (batch)}, scores {@code (batch)} and MACs {@code (batch)}. */
    ALL;

    static OutputKind of(@Nullable Object option) {
        if (option == null) {
            return PROBABILITIES;
        }
        for (OutputKind kind : values()) {
            if (kind.word().equals(option.toString())) {
                return kind;
            }
        }
        throw new IllegalArgumentException("option output: '" + option + "'; allowed: "
                + Arrays.stream(values()).map(OutputKind::word).collect(Collectors.joining(", ")));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    NDList arrays(NDManager manager, List<Prediction> answers, int classes) {
        int size = answers.size();
        float[] probabilities = new float[size * classes];
        for (int i = 0; i < size; i++) {
            System.arraycopy(answers.get(i).probabilities(), 0, probabilities, i * classes, classes);
        }
        NDArray matrix = manager.create(probabilities, new Shape(size, classes));
        matrix.setName("probabilities");
        if (this == PROBABILITIES) {
            return new NDList(matrix);
        }
        if (this == LOG_PROBABILITIES) {
            NDArray logarithms = matrix.log();
            logarithms.setName("log-probabilities");
            matrix.close();
            return new NDList(logarithms);
        }
        float[] scores = new float[size];
        for (int i = 0; i < size; i++) {
            scores[i] = answers.get(i).score();
        }
        NDArray exits =
                manager.create(answers.stream().mapToLong(Prediction::exit).toArray());
        NDArray score = manager.create(scores);
        NDArray macs =
                manager.create(answers.stream().mapToLong(Prediction::macs).toArray());
        exits.setName("exit");
        score.setName("score");
        macs.setName("macs");
        return new NDList(matrix, exits, score, macs);
    }
}
