package org.offramp.conformance;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.Evidence;
import org.offramp.api.HeadOutput;

/**
 * A number that is not finite in one row of the evidence at the exit to be decided.
 *
 * @param value NaN or an infinity
 * @param column where in the row; the last column stands for every greater number
 * @param outputs the outputs it is put into
 */
record Spoilt(float value, int column, Set<HeadOutput> outputs) {
    private static final int ROW = 1;

    /** Every value, in the first and the last column, in all of the outputs together and in each alone. */
    static List<Spoilt> everyWay(Set<HeadOutput> outputs) {
        List<Set<HeadOutput>> choices = new ArrayList<>();
        choices.add(outputs);
        outputs.forEach(output -> choices.add(EnumSet.of(output)));
        List<Spoilt> ways = new ArrayList<>();
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int column : new int[] {0, Integer.MAX_VALUE}) {
                choices.forEach(choice -> ways.add(new Spoilt(value, column, choice)));
            }
        }
        return ways;
    }

    /** The evidence with the value in it. */
    Evidence in(Evidence evidence) {
        return GivenEvidence.changed(
                evidence,
                (exit, output, matrix) -> Optional.of(
                        exit == evidence.exit() && outputs.contains(output)
                                ? GivenEvidence.with(matrix, ROW, Math.min(column, matrix.columns() - 1), value)
                                : matrix));
    }

    @Override
    public String toString() {
        return value + " in row " + ROW + " of " + outputs + " in " + (column == 0 ? "the first" : "the last")
                + " column";
    }
}
