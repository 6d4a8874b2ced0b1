package org.offramp.e2cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusteringTest {
    @Test
    void renamedClassesAreFoundAgain() {
        int[] classes = {0, 0, 1, 1, 2, 2, 2};
        int[] clusters = {2, 2, 0, 0, 1, 1, 1};
        Clustering clustering = new Clustering(clusters, classes, 3);
        assertThat(clustering.names()).containsExactly(1, 2, 0);
        assertThat(clustering.accuracy()).isEqualTo(1);
        assertThat(clustering.normalizedMutualInformation()).isCloseTo(1, within(1e-12));
    }

    /** The best of all 120 namings. */
    private static int most(int[][] counts, int row, int used) {
        if (row == counts.length) {
            return 0;
        }
        int best = 0;
        for (int column = 0; column < counts.length; column++) {
            if ((used & (1 << column)) == 0) {
                best = Math.max(best, counts[row][column] + most(counts, row + 1, used | (1 << column)));
            }
        }
        return best;
    }

    @Test
    void noOtherNamingIsRighter() {
        SplittableRandom random = new SplittableRandom(3);
        for (int trial = 0; trial < 200; trial++) {
            int[] clusters = random.ints(60, 0, 5).toArray();
            int[] classes = random.ints(60, 0, 5).toArray();
            int[][] counts = new int[5][5];
            IntStream.range(0, 60).forEach(i -> counts[clusters[i]][classes[i]]++);
            assertThat(new Clustering(clusters, classes, 5).accuracy() * 60)
                    .isCloseTo(most(counts, 0, 0), within(1e-9));
        }
    }

    @Test
    void clustersThatSayNothingHaveNoInformation() {
        int[] classes = {0, 1, 0, 1};
        assertThat(new Clustering(new int[] {0, 0, 1, 1}, classes, 2).normalizedMutualInformation())
                .isCloseTo(0, within(1e-12));
        assertThat(new Clustering(new int[4], new int[4], 2).normalizedMutualInformation())
                .isZero();
    }

    @Test
    void kMeansFindsGroupsThatLieApart() {
        SplittableRandom random = new SplittableRandom(5);
        double[][] points = new double[600][];
        for (int i = 0; i < points.length; i++) {
            int group = i % 6;
            points[i] = new double[] {
                10 * Math.cos(group) + random.nextDouble(-1, 1), 10 * Math.sin(group) + random.nextDouble(-1, 1)
            };
        }
        double[][] centers = KMeans.centers(points, 6, 5, new SplittableRandom(1));
        int[] clusters = IntStream.range(0, 600)
                .map(i -> KMeans.nearest(centers, points[i]))
                .toArray();
        int[] groups = IntStream.range(0, 600).map(i -> i % 6).toArray();
        assertThat(new Clustering(clusters, groups, 6).accuracy()).isEqualTo(1);
    }

    @Test
    void equalPointsMakeOneClusterAndNoNaN() {
        double[][] points = new double[10][2];
        for (double[] center : KMeans.centers(points, 3, 2, new SplittableRandom(1))) {
            assertThat(center).containsExactly(0, 0);
        }
    }
}
