package org.offramp.quicknet;

import org.offramp.api.NetworkView;
import org.offramp.api.TrainingSession;

/**
 * The training MACs of a cascade by the formula, with forward : backward = 1 : 2 and a frozen prefix that runs forward only:
 *
 * <pre>C = Σ_n |D_n|·[E_n·3(F_n + H_n) + P_n·Σ_{i&lt;n} F_i] + passes that choose samples</pre>
 *
 * <p>F_n are the MACs of stage n and H_n those of its classifier; P_n is 1 where what the prefix gives is kept, else E_n. A pass runs the network and the classifiers up to exit n, since the host
 * gives evidence of every exit on the way.
 */
final class TrainingCost {
    private final NetworkView network;
    private double macs;
    private double saved;

    TrainingCost(NetworkView network) {
        this.network = network;
    }

    /** Block n was trained, and the first stages computed once per sample instead of in every epoch. */
    void block(int block, long samples, int epochs, int keptThrough) {
        macs += 3.0 * (network.stageMacs(block) + head(block)) * samples * epochs;
        for (int earlier = 1; earlier < block; earlier++) {
            int passes = earlier <= keptThrough ? 1 : epochs;
            macs += (double) network.stageMacs(earlier) * samples * passes;
            saved += (double) network.stageMacs(earlier) * samples * (epochs - passes);
        }
    }

    /** Samples were passed through the network up to exit n. */
    void pass(int exit, long samples) {
        double each = 0;
        for (int stage = 1; stage <= exit; stage++) {
            each += network.stageMacs(stage) + head(stage);
        }
        macs += each * samples;
    }

    /** The last exit's classifier is part of its stage. */
    private long head(int exit) {
        return exit == network.exits() ? 0 : network.headMacs(exit);
    }

    /** Reports it, and its share of training the same network for the same epochs end to end (C_e2e) and with all exits (C_joint). */
    void report(TrainingSession session, long samples, int epochs) {
        double stages = 0;
        double heads = 0;
        for (int exit = 1; exit <= network.exits(); exit++) {
            stages += network.stageMacs(exit);
            heads += head(exit);
        }
        double epoch = 3.0 * samples * epochs;
        session.report("training-macs", macs);
        session.report("training-macs/saved-by-cache", saved);
        session.report("share-of-end-to-end", macs / (epoch * stages));
        session.report("share-of-joint", macs / (epoch * (stages + heads)));
    }
}
