package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.offramp.api.ExitScores;

/** Compares and checks what policies say. Comparisons are exact: a threshold may lie between any two scores. */
final class Answers {
    private static final double SUM_TOLERANCE = 1e-4;

    private Answers() {}

    /** All rows are equal, in order. */
    static void assertSame(ExitScores actual, ExitScores expected, String where) {
        assertThat(actual.size()).as("rows, " + where).isEqualTo(expected.size());
        assertSame(actual, IntStream.range(0, actual.size()).toArray(), expected, where);
    }

    /** Row i of the answer equals row {@code rows[i]} of the expected one. */
    static void assertSame(ExitScores actual, int[] rows, ExitScores expected, String where) {
        assertThat(actual.size()).as("rows, " + where).isEqualTo(rows.length);
        for (int i = 0; i < rows.length; i++) {
            assertSameRow(actual, i, expected, rows[i], where);
        }
    }

    /** One row of the answer equals one of the expected answer. */
    static void assertSameRow(ExitScores actual, int row, ExitScores expected, int expectedRow, String where) {
        String place = where + ", row " + row;
        assertThat(actual.score(row)).as("score, " + place).isEqualTo(expected.score(expectedRow));
        assertThat(actual.prediction(row)).as("prediction, " + place).isEqualTo(expected.prediction(expectedRow));
        Values.assertSame(
                actual.probabilities().row(row), expected.probabilities().row(expectedRow), "probabilities, " + place);
    }

    /** Whether all rows are equal, in order. */
    static boolean same(ExitScores one, ExitScores other) {
        boolean same = one.size() == other.size();
        for (int row = 0; same && row < one.size(); row++) {
            same = Float.compare(one.score(row), other.score(row)) == 0
                    && one.prediction(row) == other.prediction(row)
                    && Arrays.equals(
                            one.probabilities().row(row), other.probabilities().row(row));
        }
        return same;
    }

    /** Every row's probabilities lie in 0 … 1 and sum to 1. */
    static void assertProbabilities(ExitScores answer, String where) {
        for (int row = 0; row < answer.size(); row++) {
            double sum = 0;
            for (float probability : answer.probabilities().row(row)) {
                assertThat(probability)
                        .as("a probability, " + where + ", row " + row)
                        .isBetween(0f, 1f);
                sum += probability;
            }
            assertThat(Math.abs(sum - 1))
                    .as("distance of the sum " + sum + " to 1, " + where + ", row " + row)
                    .isLessThan(SUM_TOLERANCE);
        }
    }

    /** Every score is a finite number. */
    static void assertFinite(ExitScores answer, String where) {
        for (int row = 0; row < answer.size(); row++) {
            assertThat(answer.score(row)).as("score, " + where + ", row " + row).isFinite();
        }
    }
}
