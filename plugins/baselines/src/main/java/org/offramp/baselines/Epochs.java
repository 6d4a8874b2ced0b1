package org.offramp.baselines;

/** Checks of the keys that every trainer has. */
final class Epochs {
    private Epochs() {}

    static void require(int epochs, int batchSize, int patience) {
        if (epochs < 1 || batchSize < 1 || patience < 0) {
            throw new IllegalArgumentException("epochs is " + epochs + ", batch-size " + batchSize + ", patience "
                    + patience + "; allowed are epochs >= 1, batch-size >= 1, patience >= 0");
        }
    }
}
