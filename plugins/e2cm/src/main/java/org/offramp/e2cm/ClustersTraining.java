package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.NetworkView;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code e2cm-clusters}: class means without classes, for the backbone {@code autoencoder} (Görmez et al. 2022, the unsupervised
 * variant; Xie et al. 2016). The encoder learns to reconstruct the samples; k-means of the embeddings gives the centroids of the last
 * stage; deep embedding clustering sharpens them; then every layer gets the means of the final clusters, and early exits answer with
 * the nearest.
 *
 * <p>No label of a training sample is used. Labels of validation samples name the clusters after classes (by the best one-to-one
 * matching), so that accuracy means clustering accuracy, and are behind the figures that are reported.
 */
public final class ClustersTraining implements TrainerFactory<ClustersTraining.Config> {
    /**
     * The keys of {@code e2cm-clusters}.
     *
     * @param epochs passes for reconstruction
     * @param clusterEpochs passes of deep embedding clustering
     * @param batchSize samples per step
     * @param restarts how often k-means begins anew
     * @param pool how an activation becomes a vector
     * @param optimization the update rule
     */
    public record Config(
            @Key(value = "passes for reconstruction; 0 leaves the encoder as it is", defaultValue = "20", min = 0)
            int epochs,

            @Key(value = "passes of deep embedding clustering; 0 for k-means alone", defaultValue = "0", min = 0)
            int clusterEpochs,

            @Key(value = "samples per step", defaultValue = "256", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how often k-means begins anew", defaultValue = "10", min = 1, max = 10_000)
            int restarts,

            @Key(value = "how an activation becomes a vector: none, gap or quarters", defaultValue = "none")
            Pooling pool,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization) {}

    private static final long STORAGE = 1L << 30;

    @Override
    public String name() {
        return "e2cm-clusters";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.TRAINS_BACKBONE);
    }

    @Override
    public ExitTrainer create(Config config) {
        return new Trainer(config);
    }

    /** The trainer, which shows its configuration. */
    private record Trainer(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            new Clusters(config, session).train();
        }
    }

    private record Clusters(Config config, TrainingSession session) {
        void train() {
            NetworkView network = session.network();
            int last = network.exits();
            int embedding = last - 1;
            if (last < 2 || network.activationShape(embedding).dimension() != 1) {
                throw new TrainingException("e2cm-clusters: needs the backbone autoencoder with an exit after its"
                        + " embedding, so that the last stage holds the centroids alone");
            }
            if (session.validation().size() == 0) {
                throw new TrainingException("e2cm-clusters: the validation split is empty; its labels name the"
                        + " clusters: set splits.validation above 0");
            }
            if (config.epochs() > 0) {
                reconstruct(embedding);
            }
            double[][] centers = named(embedding, centers(embedding));
            session.set(new Part.OfStage(last), columns(centers));
            if (config.clusterEpochs() > 0) {
                sharpen(last);
            }
            int[] clusters = clusters(last);
            MeansPass pass = MeansPass.plain(session, "e2cm-clusters", config.pool(), STORAGE);
            float[][] distances =
                    pass.attach((from, labels) -> Arrays.copyOfRange(clusters, from, from + labels.length));
            for (int exit = 1; exit < last; exit++) {
                session.attach(NearestMean.head(exit, distances[exit - 1]));
            }
            report(last);
        }

        /** Encoder and a mirrored decoder: the mean squared error of the samples, whose decoder is dropped afterwards. */
        private void reconstruct(int embedding) {
            NetworkView network = session.network();
            SequentialBlock decoder = new SequentialBlock();
            List<Long> widths = new ArrayList<>();
            for (int exit = 1; exit < embedding; exit++) {
                widths.add(network.activationShape(exit).size());
            }
            Collections.reverse(widths);
            widths.forEach(width ->
                    decoder.add(Linear.builder().setUnits(width).build()).add(Activation.reluBlock()));
            decoder.add(Linear.builder().setUnits(network.inputShape().size()).build());
            session.attach(new Head(embedding, HeadOutput.RECONSTRUCTION, decoder));
            Set<Part> parts = new HashSet<>(Part.stages(1, embedding));
            parts.addAll(Part.heads(HeadOutput.RECONSTRUCTION, embedding, embedding));
            session.fit(Phase.of(
                            "reconstruction",
                            parts,
                            session.training(),
                            batch -> {
                                NDArray given = batch.output(embedding, HeadOutput.RECONSTRUCTION);
                                NDArray wanted = batch.samples().reshape(given.getShape());
                                return given.sub(wanted).square().mean();
                            },
                            embedding,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization()));
            session.detach(embedding, HeadOutput.RECONSTRUCTION);
        }

        private double[][] centers(int embedding) {
            double[][] points = points(session.training(), embedding);
            if (points.length < session.network().classes()) {
                throw new TrainingException("e2cm-clusters: " + points.length + " training samples for "
                        + session.network().classes() + " clusters");
            }
            return KMeans.centers(points, session.network().classes(), config.restarts(), session.random());
        }

        private double[][] points(Samples samples, int exit) {
            List<double[]> points = new ArrayList<>();
            session.reduce(samples, exit, (activations, evidence, labels) -> {
                float[] values = activations.get(exit - 1).toFloatArray();
                int width = values.length / labels.length;
                for (int row = 0; row < labels.length; row++) {
                    double[] point = new double[width];
                    for (int j = 0; j < width; j++) {
                        point[j] = values[row * width + j];
                    }
                    points.add(point);
                }
            });
            return points.toArray(double[][]::new);
        }

        /** The centres, each at the place of the class that names it. */
        private double[][] named(int embedding, double[][] centers) {
            int[] truth = labels(session.validation(), embedding);
            double[][] points = points(session.validation(), embedding);
            int[] clusters = Arrays.stream(points)
                    .mapToInt(point -> KMeans.nearest(centers, point))
                    .toArray();
            int[] names = new Clustering(clusters, truth, centers.length).names();
            double[][] named = new double[centers.length][];
            for (int cluster = 0; cluster < centers.length; cluster++) {
                named[names[cluster]] = centers[cluster];
            }
            return named;
        }

        private int[] labels(Samples samples, int exit) {
            List<int[]> labels = new ArrayList<>();
            session.reduce(samples, exit, (activations, evidence, some) -> labels.add(some));
            return labels.stream().flatMapToInt(Arrays::stream).toArray();
        }

        /** Values of the parameter (d, K). */
        private static float[] columns(double[][] centers) {
            int k = centers.length;
            float[] values = new float[k * centers[0].length];
            for (int cluster = 0; cluster < k; cluster++) {
                for (int j = 0; j < centers[cluster].length; j++) {
                    values[j * k + cluster] = (float) centers[cluster][j];
                }
            }
            return values;
        }

        /** KL(P ‖ Q) over encoder and centroids, P the batch's sharpened assignments (Xie et al. 2016, equations 2 and 3). */
        private void sharpen(int last) {
            session.fit(Phase.of(
                            "clusters",
                            Part.stages(1, last),
                            session.training(),
                            batch -> divergence(batch, last),
                            last,
                            config.clusterEpochs(),
                            config.batchSize())
                    .withOptimization(config.optimization()));
        }

        private static NDArray divergence(ExitLoss.Batch batch, int last) {
            NDArray logits = batch.output(last, HeadOutput.LOGITS);
            NDArray fixed = logits.stopGradient().softmax(1);
            NDArray weighted = fixed.square().div(fixed.sum(new int[] {0}, true).add(1e-6f));
            NDArray target = weighted.div(weighted.sum(new int[] {1}, true));
            NDArray difference = target.maximum(1e-12f).log().sub(logits.logSoftmax(1));
            return target.mul(difference).sum(new int[] {1}).mean();
        }

        private int[] clusters(int last) {
            List<int[]> parts = new ArrayList<>();
            session.reduce(
                    session.training(),
                    last,
                    (activations, evidence, labels) -> parts.add(answers(evidence.output(last, HeadOutput.LOGITS))));
            int[] clusters = parts.stream().flatMapToInt(Arrays::stream).toArray();
            int[] counts = new int[session.network().classes()];
            Arrays.stream(clusters).forEach(cluster -> counts[cluster]++);
            for (int cluster = 0; cluster < counts.length; cluster++) {
                if (counts[cluster] == 0) {
                    throw new TrainingException("e2cm-clusters: cluster " + cluster
                            + " has lost all its samples to others after " + config.clusterEpochs()
                            + " cluster-epochs, so it has no mean; fewer of them or a lower optimization.learning-rate"
                            + " keep it, 0 leaves k-means' clusters as they are");
                }
            }
            return clusters;
        }

        private static int[] answers(FloatMatrix logits) {
            int[] answers = new int[logits.rows()];
            Arrays.setAll(answers, logits::argMax);
            return answers;
        }

        /** Accuracy by matching and normalised mutual information of every exit, on validation samples. */
        private void report(int last) {
            int[] truth = labels(session.validation(), last);
            List<List<int[]>> parts = new ArrayList<>();
            session.reduce(session.validation(), last, (activations, evidence, labels) -> {
                List<int[]> each = new ArrayList<>();
                for (int exit = 1; exit <= last; exit++) {
                    each.add(answers(evidence.output(exit, HeadOutput.LOGITS)));
                }
                parts.add(each);
            });
            for (int exit = 1; exit <= last; exit++) {
                int at = exit - 1;
                int[] clusters = parts.stream()
                        .flatMapToInt(part -> Arrays.stream(part.get(at)))
                        .toArray();
                Clustering clustering =
                        new Clustering(clusters, truth, session.network().classes());
                session.report("clustering-accuracy/exit-" + exit, clustering.accuracy());
                session.report("normalized-mutual-information/exit-" + exit, clustering.normalizedMutualInformation());
            }
        }
    }
}
