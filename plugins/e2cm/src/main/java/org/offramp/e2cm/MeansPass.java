package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.NetworkView;
import org.offramp.api.Samples;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * Attaches distances to the means of K groups at every early exit: one pass for the means, and for the covariance where one is wanted, one
 * for the mean distance to each over some of the samples, d̄. Distances are given divided by d̄.
 *
 * @param session lends the network and the samples
 * @param trainer the trainer's name, for messages
 * @param pooling how an activation becomes a vector
 * @param storage the most bytes that the means of all exits may take
 * @param samples what means, and the covariance about the means of their labels, are made of
 * @param scaling the samples over which mean distances are taken
 * @param perGroup means per group
 * @param covariance in which distances are measured
 * @param shrinkage the share of it that its mean variance takes the place of
 */
record MeansPass(
        TrainingSession session,
        String trainer,
        Pooling pooling,
        long storage,
        Samples samples,
        Samples scaling,
        int perGroup,
        Covariance covariance,
        double shrinkage) {
    private static final long MIB = 1 << 20;
    private static final int RESTARTS = 3;

    /** Says which group a sample belongs to. */
    @FunctionalInterface
    interface Groups {
        /**
         * The groups of a batch.
         *
         * @param from the place of the batch's first sample among all samples
         * @param labels the batch's labels
         */
        int[] of(int from, int[] labels);
    }

    /** Says which mean a sample belongs to at an exit. */
    @FunctionalInterface
    private interface Members {
        int[] of(int exit, int from, int[] labels);
    }

    /** One mean per group, Euclidean distances: the paper's. */
    static MeansPass plain(TrainingSession session, String trainer, Pooling pooling, long storage) {
        Samples all = session.training();
        return new MeansPass(session, trainer, pooling, storage, all, all, 1, Covariance.NONE, 0);
    }

    /**
     * Attaches {@link HeadOutput#DISTANCES} to every early exit.
     *
     * @param groups says which group a training sample belongs to
     * @return d̄ of every early exit and group
     * @throws TrainingException if a group has too few samples, or the means are larger than the bound
     */
    float[][] attach(Groups groups) {
        NetworkView network = session.network();
        int early = network.exits() - 1;
        requireStorage(early);
        List<WithinClass> within = new ArrayList<>();
        for (int exit = 1; exit <= early && covariance != Covariance.NONE; exit++) {
            within.add(new WithinClass(covariance, network.classes(), width(exit)));
        }
        List<RunningMeans> means = means(members(groups, early), within, early);
        List<Whitening> whitenings = covariance == Covariance.NONE
                ? Collections.nCopies(early, Whitening.NONE)
                : within.stream().map(each -> each.whitening(shrinkage)).toList();
        float[][] ones = new float[early][network.classes()];
        Arrays.stream(ones).forEach(row -> Arrays.fill(row, 1));
        attach(means, whitenings, ones);
        float[][] distances = meanDistances(early);
        attach(means, whitenings, distances);
        return distances;
    }

    private int width(int exit) {
        return Math.toIntExact(pooling.width(session.network().activationShape(exit)));
    }

    private void requireStorage(int early) {
        long means = (long) session.network().classes() * perGroup;
        long bytes = 0;
        int widest = 1;
        for (int exit = 1; exit <= early; exit++) {
            long width = pooling.width(session.network().activationShape(exit));
            if (covariance == Covariance.FULL && width > Covariance.WIDEST) {
                throw new TrainingException(trainer + ": covariance: full takes vectors of at most "
                        + Covariance.WIDEST + " values; those of exit " + exit + " have " + width
                        + "; pool: gap or quarters makes them shorter, covariance: diagonal has no such bound");
            }
            long floats = (means + 1) * width + covariance.size(width);
            session.report("storage-floats/exit-" + exit, (double) floats);
            session.report("macs/exit-" + exit, (double)
                    (means * width + (covariance == Covariance.FULL ? width * width : 0)));
            bytes += floats * Float.BYTES;
            widest = width(exit) > width(widest) ? exit : widest;
        }
        if (bytes > storage) {
            throw new TrainingException(
                    trainer + ": the means of " + session.network().classes() + " classes at "
                            + early + " exits take " + ((bytes + MIB - 1) / MIB) + " MiB, max-storage allows "
                            + storage / MIB + " MiB; the widest is exit " + widest + " with " + width(widest)
                            + " values per mean; pool: gap or quarters makes it smaller");
        }
    }

    /**
     * The mean that every sample belongs to: its group's, or, with several means per group, that of the cluster of its group that it falls
     * into by k-means of the activations' means over all positions.
     */
    private Members members(Groups groups, int early) {
        if (perGroup == 1) {
            return (exit, from, labels) -> groups.of(from, labels);
        }
        List<double[][]> points = new ArrayList<>();
        for (int exit = 1; exit <= early; exit++) {
            points.add(new double[samples.size()][]);
        }
        int[] group = new int[samples.size()];
        int[] from = {0};
        session.reduce(samples, Math.max(1, early), (activations, evidence, labels) -> {
            System.arraycopy(groups.of(from[0], labels), 0, group, from[0], labels.length);
            for (int exit = 1; exit <= early; exit++) {
                float[] values = Pooling.GAP.of(activations.get(exit - 1)).toFloatArray();
                int width = values.length / labels.length;
                for (int row = 0; row < labels.length; row++) {
                    double[] point = new double[width];
                    for (int j = 0; j < width; j++) {
                        point[j] = values[row * width + j];
                    }
                    points.get(exit - 1)[from[0] + row] = point;
                }
            }
            from[0] += labels.length;
        });
        List<int[]> member = points.stream().map(each -> clustered(each, group)).toList();
        return (exit, begin, labels) -> Arrays.copyOfRange(member.get(exit - 1), begin, begin + labels.length);
    }

    private int[] clustered(double[][] points, int[] group) {
        int[] member = new int[group.length];
        for (int k = 0; k < session.network().classes(); k++) {
            int here = k;
            int[] places = IntStream.range(0, group.length)
                    .filter(i -> group[i] == here)
                    .toArray();
            if (places.length < perGroup) {
                throw new TrainingException(trainer + ": class " + k + " has " + places.length
                        + " training samples, means-per-class is " + perGroup);
            }
            double[][] own = Arrays.stream(places).mapToObj(i -> points[i]).toArray(double[][]::new);
            double[][] centers = KMeans.centers(own, perGroup, RESTARTS, session.random());
            for (int place : places) {
                member[place] = k * perGroup + KMeans.nearest(centers, points[place]);
            }
        }
        return member;
    }

    private List<RunningMeans> means(Members members, List<WithinClass> within, int early) {
        int count = session.network().classes() * perGroup;
        List<RunningMeans> means = new ArrayList<>();
        for (int exit = 1; exit <= early; exit++) {
            means.add(new RunningMeans(count, width(exit)));
        }
        int[] from = {0};
        session.reduce(samples, Math.max(1, early), (activations, evidence, labels) -> {
            for (int exit = 1; exit <= early; exit++) {
                NDArray vectors = pooling.of(activations.get(exit - 1));
                means.get(exit - 1).add(vectors, members.of(exit, from[0], labels));
                if (!within.isEmpty()) {
                    within.get(exit - 1).add(vectors, labels);
                }
            }
            from[0] += labels.length;
        });
        for (RunningMeans each : means) {
            for (int k = 0; k < session.network().classes(); k++) {
                if (each.count(k * perGroup, (k + 1) * perGroup) == 0) {
                    throw new TrainingException(
                            trainer + ": class " + k + " has no training sample, so it has no mean");
                }
                each.fill(k * perGroup, (k + 1) * perGroup);
            }
        }
        return means;
    }

    private void attach(List<RunningMeans> means, List<Whitening> whitenings, float[][] distances) {
        for (int exit = 1; exit <= means.size(); exit++) {
            RunningMeans there = means.get(exit - 1);
            Whitening whitening = whitenings.get(exit - 1);
            float[][] centered =
                    Arrays.stream(there.centered()).map(whitening::of).toArray(float[][]::new);
            session.attach(new Head(
                    exit,
                    HeadOutput.DISTANCES,
                    new ClassMeans(pooling, there.center(), whitening, centered, distances[exit - 1])));
        }
    }

    /** d̄_k: the mean distance to mean k over the samples; 1 where every sample lies on the mean. */
    private float[][] meanDistances(int early) {
        int classes = session.network().classes();
        double[][] sums = new double[early][classes];
        session.reduce(scaling, Math.max(1, early), (activations, evidence, labels) -> {
            for (int exit = 1; exit <= early; exit++) {
                FloatMatrix distances = evidence.output(exit, HeadOutput.DISTANCES);
                for (int row = 0; row < labels.length; row++) {
                    for (int k = 0; k < classes; k++) {
                        sums[exit - 1][k] += distances.get(row, k);
                    }
                }
            }
        });
        float[][] means = new float[early][classes];
        for (int exit = 0; exit < early; exit++) {
            for (int k = 0; k < classes; k++) {
                float mean = (float) (sums[exit][k] / scaling.size());
                means[exit][k] = mean > 0 ? mean : 1;
            }
        }
        return means;
    }
}
