package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/** One strategy over its seeds. */
final class BoardLine {
    final String name;
    final List<BoardRow> rows;
    final List<RunRecord> records;
    final List<Timings> timings;
    final List<String> failures;
    double area;
    int rank;

    BoardLine(String name, List<BoardRow> rows) {
        this.name = name;
        this.rows = rows;
        this.records =
                rows.stream().map(BoardRow::record).filter(Objects::nonNull).toList();
        this.timings =
                rows.stream().map(BoardRow::timings).filter(Objects::nonNull).toList();
        this.failures =
                rows.stream().map(BoardRow::failure).filter(Objects::nonNull).toList();
    }

    boolean finished() {
        return !records.isEmpty();
    }

    boolean ranked() {
        return finished() && records.get(0).ranked();
    }

    boolean oracle() {
        return control().equals("oracle");
    }

    String control() {
        return finished() ? records.get(0).control() : "none";
    }

    /** The number of exits, the last one included. */
    int exits() {
        return records.get(0).test().exitRates().length;
    }

    double mean(ToDoubleFunction<RunRecord> figure) {
        return records.stream().mapToDouble(figure).average().orElse(0);
    }

    double test(ToDoubleFunction<RunRecord.Test> figure) {
        return mean(record -> figure.applyAsDouble(record.test()));
    }

    double meanTime(ToDoubleFunction<Timings> figure) {
        return timings.stream().mapToDouble(figure).average().orElse(0);
    }

    /** The mean of a figure that may be missing; null where it is missing for a seed. */
    @Nullable
    Double optional(Function<RunRecord.Test, @Nullable Double> figure) {
        List<Double> figures = new ArrayList<>();
        for (RunRecord record : records) {
            Double value = figure.apply(record.test());
            if (value == null) {
                return null;
            }
            figures.add(value);
        }
        return finished()
                ? figures.stream().mapToDouble(Double::doubleValue).average().orElse(0)
                : null;
    }

    /** The accuracy for a budget in percent of the backbone's MACs. */
    @Nullable
    Double accuracyAt(String budget) {
        return optional(test -> {
            RunRecord.Point point = test.accuracyAt().get(budget);
            return point == null ? null : point.accuracy();
        });
    }

    double macs() {
        return test(RunRecord.Test::macsFraction);
    }

    double accuracy() {
        return test(RunRecord.Test::accuracy);
    }

    /** The fraction of all samples that left before the last exit. */
    double leftEarly() {
        return test(test -> test.leftEarly().samples()
                / (double) Math.max(1, test.answered().samples()));
    }

    /** The fraction that is wrong of those that left early; null where none did. */
    @Nullable
    Double confidentErrorRate() {
        return optional(test -> test.leftEarly().samples() == 0
                ? null
                : Double.valueOf(1 - test.leftEarly().accuracy()));
    }

    /** Mean confidence − accuracy of those that left early; null where none did. */
    @Nullable
    Double overConfidence() {
        return optional(test -> test.leftEarly().samples() == 0
                ? null
                : Double.valueOf(test.leftEarly().overConfidence()));
    }

    long kept() {
        return records.stream()
                .filter(record -> record.test().promise().equals("kept"))
                .count();
    }

    boolean promised() {
        return records.stream().noneMatch(record -> record.test().promise().equals("none"));
    }

    /** Half the 95 % interval of the accuracy: over seeds by Student's t from three on, else Wilson's. */
    double halfWidth() {
        int n = records.size();
        if (n < 3) {
            return test(test -> (test.accuracyInterval()[1] - test.accuracyInterval()[0]) / 2);
        }
        double mean = accuracy();
        double squares = records.stream()
                .mapToDouble(record -> Math.pow(record.test().accuracy() - mean, 2))
                .sum();
        return new TDistribution(n - 1.0).inverseCumulativeProbability(0.975) * Math.sqrt(squares / (n - 1) / n);
    }
}
