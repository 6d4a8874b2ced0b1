package org.offramp.host.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The error rate among the surest samples, for every number of them (El-Yaniv and Wiener 2010). Samples of one score come in no
 * order: their errors are spread evenly over their places.
 */
public final class RiskCoverage {
    private static final int POINTS = 50;

    private final double[] errors;

    private RiskCoverage(double[] errors) {
        this.errors = errors;
    }

    /**
     * A point of the curve.
     *
     * @param coverage the fraction of samples that is answered, 0 exclusive … 1
     * @param risk the fraction of those that is wrong
     */
    public record Point(double coverage, double risk) {}

    static RiskCoverage of(LabelledAnswers answers) {
        int[] order = IntStream.range(0, answers.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -answers.scores()[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] errors = new double[order.length];
        double before = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            double wrong = 0;
            while (to < order.length && answers.scores()[order[to]] == answers.scores()[order[from]]) {
                wrong += answers.right(order[to]) ? 0 : 1;
                to++;
            }
            for (int i = from; i < to; i++) {
                errors[i] = before + wrong * (i + 1 - from) / (to - from);
            }
            before += wrong;
            from = to;
        }
        return new RiskCoverage(errors);
    }

    private double risk(int count) {
        return errors[count - 1] / count;
    }

    /** The area under the curve: the mean risk over all coverages (Geifman et al. 2019); 0 for no samples. */
    double area() {
        return IntStream.rangeClosed(1, errors.length)
                .mapToDouble(this::risk)
                .average()
                .orElse(0);
    }

    /** At most fifty points of the curve, the last one at full coverage. */
    List<Point> points() {
        List<Point> points = new ArrayList<>();
        int steps = Math.min(POINTS, errors.length);
        for (int step = 1; step <= steps; step++) {
            int count = (int) ((long) step * errors.length / steps);
            points.add(new Point(count / (double) errors.length, risk(count)));
        }
        return points;
    }
}
