package org.example.product;

import java.util.Set;
import org.offramp.api.Capability;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitPolicyFactory;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;

/** {@code product}: p_n ∝ Π_{i ≤ n} softmax(z_i)^weight over the exits so far; the score is the greatest probability. */
public final class ProductOfExperts implements ExitPolicyFactory<ProductOfExperts.Config> {
    /** The key: how much an earlier exit counts against the one after it. */
    public record Config(
            @Key(value = "weight of an exit against the one after it", defaultValue = "0.5", min = 0, max = 1) double decay) {}

    @Override
    public String name() {
        return "product";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.READS_EARLIER_EXITS);
    }

    @Override
    public ExitPolicy create(Config config, PolicyState state) {
        return evidence -> {
            float[] sum = new float[evidence.logits().rows() * evidence.logits().columns()];
            for (int exit = 1; exit <= evidence.exit(); exit++) {
                float[] logits = evidence.output(exit, HeadOutput.LOGITS).toArray();
                for (int i = 0; i < sum.length; i++) {
                    if (!Float.isFinite(logits[i])) {
                        int row = i / evidence.logits().columns();
                        throw new IllegalArgumentException("exit " + exit + ", row " + row + ": a logit is " + logits[i]);
                    }
                    sum[i] = (float) (config.decay() * sum[i] + logits[i]);
                }
            }
            FloatMatrix p = FloatMatrix.wrap(sum, evidence.size(), evidence.logits().columns()).softmax();
            return ExitScores.ofProbabilities(p, row -> p.get(row, p.argMax(row)));
        };
    }
}
