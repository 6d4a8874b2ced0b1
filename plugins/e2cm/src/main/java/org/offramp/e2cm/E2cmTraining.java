package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.NetworkView;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code e2cm}: the class means of every early exit's activation, and the mean distance to each of them, in two passes over the training
 * samples and without a gradient; the network is left as it is (Görmez et al. 2022, section 4.1 of the notes). The early exits answer
 * with the nearest mean.
 */
public final class E2cmTraining implements TrainerFactory<E2cmTraining.Config> {
    /** What distances are divided by. */
    public enum Normalize {
        /** The mean distance of the training samples, per exit and class. */
        TRAIN_MEAN,
        /** Nothing. */
        NONE
    }

    /** Which distances choose the class. */
    public enum PredictFrom {
        /** Those before normalising, as the authors' code does. */
        RAW,
        /** Those after. */
        NORMALIZED
    }

    /** Who answers at the early exits. */
    public enum Answer {
        /** The nearest mean: an earlier classifier there is replaced. */
        MEANS,
        /** The classifier that an earlier trainer of the chain trained; the nearest mean where there is none. */
        EXITS
    }

    /**
     * The keys of {@code e2cm}.
     *
     * @param pool how an activation becomes a vector
     * @param normalize what distances are divided by
     * @param predictFrom which distances choose the class
     * @param answer who answers at the early exits
     */
    public record Config(
            @Key(value = "how an activation becomes a vector: none, gap or quarters", defaultValue = "none")
            Pooling pool,

            @Key(value = "what distances are divided by: train-mean or none", defaultValue = "train-mean")
            Normalize normalize,

            @Key(value = "which distances choose the class: raw or normalized", defaultValue = "raw")
            PredictFrom predictFrom,

            @Key(
                    value = "who answers at early exits: means, or exits where an earlier trainer trained classifiers",
                    defaultValue = "means")
            Answer answer) {}

    @Override
    public String name() {
        return "e2cm";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Means(config);
    }

    private record Means(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            NetworkView network = session.network();
            int early = network.exits() - 1;
            requireEveryClass(session);
            List<float[][]> means = means(session, early);
            float[][] ones = new float[early][network.classes()];
            Arrays.stream(ones).forEach(row -> Arrays.fill(row, 1));
            attach(session, means, ones);
            float[][] distances = ones;
            if (config.normalize() == Normalize.TRAIN_MEAN) {
                distances = meanDistances(session, early);
                attach(session, means, distances);
            }
            boolean raw = config.predictFrom() == PredictFrom.RAW;
            for (int exit = 1; exit <= early; exit++) {
                if (config.answer() == Answer.MEANS || !network.has(exit, HeadOutput.LOGITS)) {
                    session.attach(new Head(
                            exit,
                            HeadOutput.LOGITS,
                            new NearestMean(raw ? distances[exit - 1] : ones[exit - 1]),
                            List.of(new Head.Input(exit, HeadOutput.DISTANCES))));
                }
                session.report(
                        "storage-floats/exit-" + exit,
                        (double) means.get(exit - 1)[0].length * (network.classes() + 1));
            }
        }

        private static void requireEveryClass(TrainingSession session) {
            int[] counts = session.training().classCounts();
            for (int k = 0; k < counts.length; k++) {
                if (counts[k] == 0) {
                    throw new TrainingException("e2cm: class " + k + " has no training sample, so it has no mean");
                }
            }
        }

        /** For each exit μ in row K and c_k in row k, accumulated in double precision. */
        private List<float[][]> means(TrainingSession session, int early) {
            int classes = session.network().classes();
            int[] counts = session.training().classCounts();
            List<double[][]> sums = new ArrayList<>();
            for (int exit = 1; exit <= early; exit++) {
                sums.add(
                        new double[classes]
                                [(int) config.pool().width(session.network().activationShape(exit))]);
            }
            session.reduce(session.training(), Math.max(1, early), (activations, evidence, labels) -> {
                for (int exit = 1; exit <= early; exit++) {
                    add(sums.get(exit - 1), config.pool().of(activations.get(exit - 1)), labels);
                }
            });
            List<float[][]> means = new ArrayList<>();
            for (double[][] sum : sums) {
                means.add(centered(sum, counts));
            }
            return means;
        }

        /** Adds the batch's sum per class: one-hot labels, transposed, times vectors. */
        private static void add(double[][] sums, NDArray vectors, int[] labels) {
            int classes = sums.length;
            float[] oneHot = new float[classes * labels.length];
            for (int row = 0; row < labels.length; row++) {
                oneHot[labels[row] * labels.length + row] = 1;
            }
            try (NDManager scope = vectors.getManager().newSubManager()) {
                NDArray weights =
                        scope.create(oneHot, new Shape(classes, labels.length)).toType(DataType.FLOAT64, true);
                NDArray wide = vectors.toType(DataType.FLOAT64, true);
                wide.attach(scope);
                double[] added = weights.matMul(wide).toDoubleArray();
                int width = sums[0].length;
                for (int i = 0; i < added.length; i++) {
                    sums[i / width][i % width] += added[i];
                }
            }
        }

        /** The class means without the mean of all samples, and that mean in the last row. */
        private static float[][] centered(double[][] sums, int[] counts) {
            int classes = sums.length;
            int width = sums[0].length;
            long total = Arrays.stream(counts).asLongStream().sum();
            float[][] means = new float[classes + 1][width];
            for (int j = 0; j < width; j++) {
                double all = 0;
                for (double[] sum : sums) {
                    all += sum[j];
                }
                double center = all / total;
                means[classes][j] = (float) center;
                for (int k = 0; k < classes; k++) {
                    means[k][j] = (float) (sums[k][j] / counts[k] - center);
                }
            }
            return means;
        }

        private void attach(TrainingSession session, List<float[][]> means, float[][] distances) {
            int classes = session.network().classes();
            for (int exit = 1; exit <= means.size(); exit++) {
                float[][] rows = means.get(exit - 1);
                session.attach(new Head(
                        exit,
                        HeadOutput.DISTANCES,
                        new ClassMeans(
                                config.pool(), rows[classes], Arrays.copyOf(rows, classes), distances[exit - 1])));
            }
        }

        /** d̄_k: the mean distance to mean k over all training samples. */
        private static float[][] meanDistances(TrainingSession session, int early) {
            int classes = session.network().classes();
            double[][] sums = new double[early][classes];
            session.reduce(session.training(), Math.max(1, early), (activations, evidence, labels) -> {
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
                    // Where every sample lies on the mean, there is nothing to normalise.
                    double mean = sums[exit][k] / session.training().size();
                    means[exit][k] = mean > 0 ? (float) mean : 1;
                }
            }
            return means;
        }
    }
}
