package org.offramp.backbones;

import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.Map;

/** BERT without an engine, padding or batches: loops over doubles, written from the paper and the names of the state dict alone. */
final class PlainBert {
    private final Map<String, float[]> values = new HashMap<>();
    private final int layers;
    private final int heads;
    private final int width;

    PlainBert(Map<String, Parameter> parameters, int layers, int heads) {
        parameters.forEach(
                (name, parameter) -> values.put(name, parameter.getArray().toFloatArray()));
        this.layers = layers;
        this.heads = heads;
        this.width = get("bert.embeddings.LayerNorm.bias").length;
    }

    private float[] get(String name) {
        float[] found = values.get(name);
        if (found == null) {
            throw new IllegalArgumentException(name);
        }
        return found;
    }

    double[] logits(int[] tokens, boolean cls) {
        double[][] x = new double[tokens.length][width];
        for (int t = 0; t < tokens.length; t++) {
            for (int j = 0; j < width; j++) {
                x[t][j] = get("bert.embeddings.word_embeddings.weight")[tokens[t] * width + j]
                        + get("bert.embeddings.position_embeddings.weight")[t * width + j]
                        + get("bert.embeddings.token_type_embeddings.weight")[j];
            }
            x[t] = norm("bert.embeddings.LayerNorm", x[t]);
        }
        for (int layer = 0; layer < layers; layer++) {
            x = layer("bert.encoder.layer." + layer + ".", x);
        }
        double[] pooled = new double[width];
        for (int j = 0; j < width; j++) {
            for (double[] token : x) {
                pooled[j] += token[j] / x.length;
            }
        }
        if (cls) {
            pooled = linear("bert.pooler.dense", x[0]);
            for (int j = 0; j < width; j++) {
                pooled[j] = Math.tanh(pooled[j]);
            }
        }
        return linear("classifier", pooled);
    }

    private double[][] layer(String prefix, double[][] x) {
        int each = width / heads;
        double[][] result = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] mixed = new double[width];
            double[] query = linear(prefix + "attention.self.query", x[t]);
            for (int head = 0; head < heads; head++) {
                double[] weights = new double[x.length];
                double sum = 0;
                for (int s = 0; s < x.length; s++) {
                    double[] key = linear(prefix + "attention.self.key", x[s]);
                    double score = 0;
                    for (int j = head * each; j < (head + 1) * each; j++) {
                        score += query[j] * key[j];
                    }
                    weights[s] = Math.exp(score / Math.sqrt(each));
                    sum += weights[s];
                }
                for (int s = 0; s < x.length; s++) {
                    double[] value = linear(prefix + "attention.self.value", x[s]);
                    for (int j = head * each; j < (head + 1) * each; j++) {
                        mixed[j] += weights[s] / sum * value[j];
                    }
                }
            }
            double[] attended = norm(
                    prefix + "attention.output.LayerNorm",
                    plus(x[t], linear(prefix + "attention.output.dense", mixed)));
            double[] hidden = linear(prefix + "intermediate.dense", attended);
            for (int j = 0; j < hidden.length; j++) {
                hidden[j] *= normal(hidden[j]);
            }
            result[t] = norm(prefix + "output.LayerNorm", plus(attended, linear(prefix + "output.dense", hidden)));
        }
        return result;
    }

    /** The distribution function of the standard normal distribution, by summing its density from 0. */
    private static double normal(double x) {
        int steps = 2_000;
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            double at = x * (i + 0.5) / steps;
            sum += Math.exp(-at * at / 2);
        }
        return 0.5 + sum * x / steps / Math.sqrt(2 * Math.PI);
    }

    private static double[] plus(double[] a, double[] b) {
        double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    private double[] linear(String name, double[] x) {
        float[] weight = get(name + ".weight");
        float[] bias = get(name + ".bias");
        double[] y = new double[bias.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = bias[i];
            for (int j = 0; j < x.length; j++) {
                y[i] += weight[i * x.length + j] * x[j];
            }
        }
        return y;
    }

    private double[] norm(String name, double[] x) {
        double mean = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + 1e-12) * get(name + ".weight")[i] + get(name + ".bias")[i];
        }
        return y;
    }
}
