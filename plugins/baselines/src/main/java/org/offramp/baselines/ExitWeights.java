package org.offramp.baselines;

/** How much every exit counts in a loss. */
public enum ExitWeights {
    /** Every exit the same: MSDNet (Huang et al. 2018). */
    UNIFORM,
    /** Exit n counts n times: PABEE (Zhou et al. 2020). */
    LINEAR,
    /**
     * An early exit n begins at 0.01 and rises to the share of the backbone's MACs that lie before it; the last exit counts 1:
     * SDN training (Kaya et al. 2019).
     */
    SDN;

    private static final double SDN_START = 0.01;

    /**
     * The weights of exits 1 … N.
     *
     * @param shares for every exit the share of the backbone's MACs up to it, rising to 1
     * @param progress how far the training is, 0 … 1
     */
    double[] at(double[] shares, double progress) {
        double[] weights = new double[shares.length];
        for (int n = 1; n <= weights.length; n++) {
            weights[n - 1] = switch (this) {
                case UNIFORM -> 1;
                case LINEAR -> n;
                case SDN -> n == weights.length ? 1 : Math.min(shares[n - 1], SDN_START + progress * shares[n - 1]);
            };
        }
        return weights;
    }

    /**
     * For every exit the share of the backbone's MACs up to it.
     *
     * @param stageMacs the MACs of every stage; where all are 0, the stages count the same
     */
    static double[] shares(long[] stageMacs) {
        double[] shares = new double[stageMacs.length];
        double total = 0;
        for (int n = 0; n < stageMacs.length; n++) {
            total += stageMacs[n];
            shares[n] = total;
        }
        for (int n = 0; n < shares.length; n++) {
            shares[n] = total > 0 ? shares[n] / total : (n + 1.0) / shares.length;
        }
        return shares;
    }
}
