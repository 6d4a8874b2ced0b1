package org.offramp.e2cm;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * k-means with seeds far apart (k-means++, Arthur and Vassilvitskii 2007), several times from new seeds; the clustering of the least
 * sum of squares is kept.
 */
final class KMeans {
    private static final int MOST_STEPS = 200;

    private final double[][] points;
    private final double[][] centers;
    private final int[] nearest;

    private KMeans(double[][] points, int clusters) {
        this.points = points;
        this.centers = new double[clusters][];
        this.nearest = new int[points.length];
    }

    /**
     * The centres found.
     *
     * @param points the points, all of one length; at least as many as clusters
     * @param clusters the number of clusters
     * @param restarts how many times it begins anew
     * @param random the only source of chance
     * @return one centre per cluster
     */
    static double[][] centers(double[][] points, int clusters, int restarts, RandomGenerator random) {
        if (points.length < clusters) {
            throw new IllegalArgumentException(clusters + " clusters of " + points.length + " points");
        }
        double least = Double.POSITIVE_INFINITY;
        double[][] best = {};
        for (int i = 0; i < restarts; i++) {
            KMeans attempt = new KMeans(points, clusters);
            attempt.seed(random);
            double squares = attempt.settle();
            if (squares < least || best.length == 0) {
                least = squares;
                best = attempt.centers;
            }
        }
        return best;
    }

    /**
     * The centre nearest to a point; the first of equals.
     *
     * @param centers the centres
     * @param point the point
     */
    static int nearest(double[][] centers, double[] point) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int k = 0; k < centers.length; k++) {
            double distance = squared(centers[k], point);
            if (distance < least) {
                least = distance;
                best = k;
            }
        }
        return best;
    }

    private static double squared(double[] one, double[] other) {
        double sum = 0;
        for (int j = 0; j < one.length; j++) {
            sum += (one[j] - other[j]) * (one[j] - other[j]);
        }
        return sum;
    }

    /** Each next seed is a point drawn in proportion to its squared distance from the seeds so far. */
    private void seed(RandomGenerator random) {
        double[] squares = new double[points.length];
        Arrays.fill(squares, Double.POSITIVE_INFINITY);
        int chosen = random.nextInt(points.length);
        for (int k = 0; k < centers.length; k++) {
            centers[k] = points[chosen].clone();
            double total = 0;
            for (int i = 0; i < points.length; i++) {
                squares[i] = Math.min(squares[i], squared(points[i], centers[k]));
                total += squares[i];
            }
            chosen = drawn(squares, total * random.nextDouble());
        }
    }

    private static int drawn(double[] weights, double place) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            if (place < sum) {
                return i;
            }
        }
        return weights.length - 1;
    }

    /** Assigns and averages in turns until no point changes its cluster; the sum of squares. */
    private double settle() {
        Arrays.fill(nearest, -1);
        for (int step = 0; step < MOST_STEPS && assign(); step++) {
            average();
        }
        double squares = 0;
        for (int i = 0; i < points.length; i++) {
            squares += squared(points[i], centers[nearest(centers, points[i])]);
        }
        return squares;
    }

    private boolean assign() {
        boolean changed = false;
        for (int i = 0; i < points.length; i++) {
            int cluster = nearest(centers, points[i]);
            changed |= cluster != nearest[i];
            nearest[i] = cluster;
        }
        return changed;
    }

    /** A cluster that lost all its points keeps its centre. */
    private void average() {
        int width = points[0].length;
        double[][] sums = new double[centers.length][width];
        int[] counts = new int[centers.length];
        for (int i = 0; i < points.length; i++) {
            counts[nearest[i]]++;
            for (int j = 0; j < width; j++) {
                sums[nearest[i]][j] += points[i][j];
            }
        }
        for (int k = 0; k < centers.length; k++) {
            if (counts[k] > 0) {
                for (int j = 0; j < width; j++) {
                    centers[k][j] = sums[k][j] / counts[k];
                }
            }
        }
    }
}
