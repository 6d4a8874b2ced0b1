package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.data.Batches;
import org.offramp.host.data.SampleSet;
import org.offramp.host.metrics.LabelledAnswers;

/** Computes evidence of every exit for whole splits, once, without leaving early; and scores it. */
public final class Traces {
    private Traces() {}

    /**
     * The evidence of every exit for every sample.
     *
     * @param runner runs the network
     * @param samples the samples, at least one
     * @param batchSize samples per call of the engine
     * @return the evidence at the last exit
     */
    public static Evidence compute(EarlyExitRunner runner, SampleSet samples, int batchSize) {
        List<Evidence> parts = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int from = 0; from < samples.size(); from += batchSize) {
                int[] positions = IntStream.range(from, Math.min(from + batchSize, samples.size()))
                        .toArray();
                try (NDArray batch = Batches.read(manager, samples, positions)) {
                    parts.add(runner.trace(batch));
                }
            }
        }
        return join(parts, samples.size());
    }

    private static Evidence join(List<Evidence> parts, int size) {
        Evidence first = parts.get(0);
        List<Map<HeadOutput, FloatMatrix>> outputs = new ArrayList<>();
        for (int exit = 1; exit <= first.exits(); exit++) {
            Map<HeadOutput, FloatMatrix> joined = new EnumMap<>(HeadOutput.class);
            for (HeadOutput output : HeadOutput.values()) {
                if (first.has(exit, output)) {
                    joined.put(output, join(parts, exit, output, size));
                }
            }
            outputs.add(joined);
        }
        return new Evidence(first.exits(), size, outputs);
    }

    private static FloatMatrix join(List<Evidence> parts, int exit, HeadOutput output, int size) {
        int columns = parts.get(0).output(exit, output).columns();
        float[] values = new float[size * columns];
        int at = 0;
        for (Evidence part : parts) {
            float[] piece = part.output(exit, output).toArray();
            System.arraycopy(piece, 0, values, at, piece.length);
            at += piece.length;
        }
        return FloatMatrix.wrap(values, size, columns);
    }

    /**
     * What a policy says of every sample at every exit.
     *
     * @param policy the policy
     * @param evidence the evidence at the last exit
     * @param labels the true classes, which the policy does not see
     * @param cumulativeMacs the cost of leaving at exit 1 … N
     * @param backboneMacs the cost of the plain backbone
     */
    public static ScoredTrace score(
            ExitPolicy policy, Evidence evidence, int[] labels, long[] cumulativeMacs, long backboneMacs) {
        int exits = evidence.exits();
        float[][] scores = new float[exits][labels.length];
        int[][] predictions = new int[exits][labels.length];
        for (int exit = 1; exit <= exits; exit++) {
            ExitScores given = policy.score(evidence.upTo(exit));
            for (int sample = 0; sample < labels.length; sample++) {
                scores[exit - 1][sample] = given.score(sample);
                predictions[exit - 1][sample] = given.prediction(sample);
            }
        }
        return new ScoredTrace(labels, scores, predictions, cumulativeMacs, backboneMacs);
    }

    /**
     * What a policy answers to every sample at every exit, with its probabilities' figures.
     *
     * @param policy the policy
     * @param evidence the evidence at the last exit
     * @param labels the true classes, which the policy does not see
     * @return the answers of exit 1 … N
     */
    public static List<LabelledAnswers> answers(ExitPolicy policy, Evidence evidence, int[] labels) {
        return IntStream.rangeClosed(1, evidence.exits())
                .mapToObj(exit -> answers(policy.score(evidence.upTo(exit)), labels))
                .toList();
    }

    private static LabelledAnswers answers(ExitScores given, int[] labels) {
        int[] predictions = new int[labels.length];
        float[] scores = new float[labels.length];
        float[] confidences = new float[labels.length];
        float[] labelProbabilities = new float[labels.length];
        float[] brier = new float[labels.length];
        FloatMatrix probabilities = given.probabilities();
        for (int sample = 0; sample < labels.length; sample++) {
            predictions[sample] = given.prediction(sample);
            scores[sample] = given.score(sample);
            confidences[sample] = probabilities.get(sample, predictions[sample]);
            labelProbabilities[sample] = probabilities.get(sample, labels[sample]);
            double squares = 0;
            for (int column = 0; column < probabilities.columns(); column++) {
                double off = probabilities.get(sample, column) - (column == labels[sample] ? 1 : 0);
                squares += off * off;
            }
            brier[sample] = (float) squares;
        }
        return new LabelledAnswers(labels, predictions, scores, confidences, labelProbabilities, brier);
    }
}
