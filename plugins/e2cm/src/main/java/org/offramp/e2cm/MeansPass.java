package org.offramp.e2cm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.NetworkView;
import org.offramp.api.Samples;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * Attaches distances to the means of K groups at every early exit: one pass for the means, one for the mean distance to each over the
 * samples, d̄. Distances are given divided by d̄.
 *
 * @param session lends the network and the samples
 * @param trainer the trainer's name, for messages
 * @param pooling how an activation becomes a vector
 * @param storage the most bytes that the means of all exits may take
 * @param scaling the samples over which the mean distances are taken
 */
record MeansPass(TrainingSession session, String trainer, Pooling pooling, long storage, Samples scaling) {
    private static final long MIB = 1 << 20;

    /** Says which group a sample belongs to. */
    @FunctionalInterface
    interface Groups {
        /**
         * The groups of a batch.
         *
         * @param from the place of the batch's first sample among all training samples
         * @param labels the batch's labels
         */
        int[] of(int from, int[] labels);
    }

    /**
     * Attaches {@link HeadOutput#DISTANCES} to every early exit.
     *
     * @param groups says which group a training sample belongs to
     * @return d̄ of every early exit and group
     * @throws TrainingException if a group has no sample, or the means are larger than the bound
     */
    float[][] attach(Groups groups) {
        NetworkView network = session.network();
        int early = network.exits() - 1;
        requireStorage(early);
        List<RunningMeans> means = means(groups, early);
        float[][] ones = new float[early][network.classes()];
        Arrays.stream(ones).forEach(row -> Arrays.fill(row, 1));
        attach(means, ones);
        float[][] distances = meanDistances(early);
        attach(means, distances);
        return distances;
    }

    private int width(int exit) {
        return Math.toIntExact(pooling.width(session.network().activationShape(exit)));
    }

    private void requireStorage(int early) {
        long classes = session.network().classes();
        long bytes = 0;
        int widest = 1;
        for (int exit = 1; exit <= early; exit++) {
            long width = pooling.width(session.network().activationShape(exit));
            session.report("storage-floats/exit-" + exit, (double) ((classes + 1) * width));
            session.report("macs/exit-" + exit, (double) (classes * width));
            bytes += (classes + 1) * width * Float.BYTES;
            widest = width(exit) > width(widest) ? exit : widest;
        }
        if (bytes > storage) {
            throw new TrainingException(trainer + ": the means of " + classes + " classes at " + early
                    + " exits take " + ((bytes + MIB - 1) / MIB) + " MiB, max-storage allows "
                    + storage / MIB + " MiB; the widest is exit " + widest + " with " + width(widest)
                    + " values per mean; pool: gap or quarters makes it smaller");
        }
    }

    private List<RunningMeans> means(Groups groups, int early) {
        int classes = session.network().classes();
        List<RunningMeans> means = new ArrayList<>();
        for (int exit = 1; exit <= early; exit++) {
            means.add(new RunningMeans(classes, width(exit)));
        }
        int[] from = {0};
        session.reduce(session.training(), Math.max(1, early), (activations, evidence, labels) -> {
            int[] members = groups.of(from[0], labels);
            from[0] += labels.length;
            for (int exit = 1; exit <= early; exit++) {
                means.get(exit - 1).add(pooling.of(activations.get(exit - 1)), members);
            }
        });
        for (RunningMeans each : means) {
            for (int k = 0; k < classes; k++) {
                if (each.counts()[k] == 0) {
                    throw new TrainingException(
                            trainer + ": class " + k + " has no training sample, so it has no mean");
                }
            }
        }
        return means;
    }

    private void attach(List<RunningMeans> means, float[][] distances) {
        for (int exit = 1; exit <= means.size(); exit++) {
            RunningMeans there = means.get(exit - 1);
            session.attach(new Head(
                    exit,
                    HeadOutput.DISTANCES,
                    new ClassMeans(pooling, there.center(), there.centered(), distances[exit - 1])));
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
