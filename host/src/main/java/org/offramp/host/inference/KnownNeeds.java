package org.offramp.host.inference;

import org.offramp.api.Evidence;

/** A rule of which it is known what a sample needs to leave. */
record KnownNeeds(ExitRule rule, double[] needs) implements ExitRule {
    @Override
    public Decision decide(Evidence evidence, int[] samples) {
        return rule.decide(evidence, samples);
    }
}
