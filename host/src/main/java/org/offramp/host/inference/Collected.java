package org.offramp.host.inference;

import java.util.Arrays;
import org.offramp.api.Evidence;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;

/** Answers on their way to their places. */
final class Collected {
    private final int[] exits;
    private final int[] predictions;
    private final float[] scores;
    private final float[] probabilities;
    private final float[] logits;
    private final int classes;

    Collected(int size, int classes) {
        this.exits = new int[size];
        this.predictions = new int[size];
        this.scores = new float[size];
        this.probabilities = new float[size * classes];
        this.logits = new float[size * classes];
        this.classes = classes;
    }

    /**
     * Writes the samples that leave to their places.
     *
     * @param evidence of the exit they are at
     * @param decision who leaves; at the last exit all do
     * @param samples the places
     * @return the positions of those that stay
     */
    int[] take(Evidence evidence, ExitRule.Decision decision, int[] samples) {
        boolean last = evidence.exit() == evidence.exits();
        ExitScores given = decision.scores();
        float[] sure = given.probabilities().toArray();
        float[] outputs = evidence.has(evidence.exit(), HeadOutput.LOGITS)
                ? evidence.logits().toArray()
                : sure;
        int[] staying = new int[samples.length];
        int count = 0;
        for (int row = 0; row < samples.length; row++) {
            if (last || decision.leaves()[row]) {
                int place = samples[row];
                exits[place] = evidence.exit();
                predictions[place] = given.prediction(row);
                scores[place] = given.score(row);
                System.arraycopy(sure, row * classes, probabilities, place * classes, classes);
                System.arraycopy(outputs, row * classes, logits, place * classes, classes);
            } else {
                staying[count++] = row;
            }
        }
        return count == staying.length ? staying : Arrays.copyOf(staying, count);
    }

    Answers answers() {
        return new Answers(
                exits,
                predictions,
                scores,
                FloatMatrix.wrap(probabilities, exits.length, classes),
                FloatMatrix.wrap(logits, exits.length, classes));
    }
}
