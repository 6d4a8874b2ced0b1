package org.offramp.e2cm;

import java.util.Arrays;

/**
 * How well clusters agree with classes that they were made without: the accuracy under the best one-to-one naming, and the normalised
 * mutual information.
 */
final class Clustering {
    private final int[][] counts;
    private final int size;

    /**
     * A clustering and the true classes.
     *
     * @param clusters the cluster of each sample, below k
     * @param classes the class of each sample, below k
     * @param k the number of clusters and of classes
     */
    Clustering(int[] clusters, int[] classes, int k) {
        counts = new int[k][k];
        size = clusters.length;
        for (int i = 0; i < size; i++) {
            counts[clusters[i]][classes[i]]++;
        }
    }

    /**
     * The class that names each cluster, so that most samples are named rightly: the assignment problem, by the Hungarian method
     * with potentials (Kuhn 1955; Jonker and Volgenant 1987).
     */
    int[] names() {
        int k = counts.length;
        int[] rowPotential = new int[k + 1];
        int[] columnPotential = new int[k + 1];
        int[] rowOf = new int[k + 1];
        int[] before = new int[k + 1];
        for (int row = 1; row <= k; row++) {
            rowOf[0] = row;
            int column = 0;
            int[] least = new int[k + 1];
            Arrays.fill(least, Integer.MAX_VALUE);
            boolean[] seen = new boolean[k + 1];
            do {
                seen[column] = true;
                int next = 0;
                int step = Integer.MAX_VALUE;
                for (int other = 1; other <= k; other++) {
                    if (!seen[other]) {
                        int cost = -counts[rowOf[column] - 1][other - 1]
                                - rowPotential[rowOf[column]]
                                - columnPotential[other];
                        if (cost < least[other]) {
                            least[other] = cost;
                            before[other] = column;
                        }
                        if (least[other] < step) {
                            step = least[other];
                            next = other;
                        }
                    }
                }
                for (int other = 0; other <= k; other++) {
                    if (seen[other]) {
                        rowPotential[rowOf[other]] += step;
                        columnPotential[other] -= step;
                    } else {
                        least[other] -= step;
                    }
                }
                column = next;
            } while (rowOf[column] != 0);
            while (column != 0) {
                rowOf[column] = rowOf[before[column]];
                column = before[column];
            }
        }
        int[] names = new int[k];
        for (int column = 1; column <= k; column++) {
            names[rowOf[column] - 1] = column - 1;
        }
        return names;
    }

    /** The fraction of samples whose cluster bears their class's name. */
    double accuracy() {
        int[] names = names();
        long right = 0;
        for (int cluster = 0; cluster < names.length; cluster++) {
            right += counts[cluster][names[cluster]];
        }
        return right / (double) size;
    }

    /** Mutual information over the mean of both entropies, 0 … 1; 0 where both have one group only. */
    double normalizedMutualInformation() {
        int k = counts.length;
        double[] clusters = new double[k];
        double[] classes = new double[k];
        double joint = 0;
        for (int row = 0; row < k; row++) {
            for (int column = 0; column < k; column++) {
                clusters[row] += counts[row][column];
                classes[column] += counts[row][column];
                joint += surprise(counts[row][column]);
            }
        }
        double ofClusters = Arrays.stream(clusters).map(this::surprise).sum();
        double ofClasses = Arrays.stream(classes).map(this::surprise).sum();
        double both = ofClusters + ofClasses;
        return both == 0 ? 0 : 2 * (both - joint) / both;
    }

    /** −p log p in nats of a count. */
    private double surprise(double count) {
        return count == 0 ? 0 : -count / size * Math.log(count / size);
    }
}
