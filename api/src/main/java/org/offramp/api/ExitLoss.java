package org.offramp.api;

import ai.djl.ndarray.NDArray;

/** The loss of a phase: a scalar from the outputs of the exits for one batch. */
@FunctionalInterface
public interface ExitLoss {
    /**
     * The loss of a batch, averaged over its samples.
     *
     * @param batch outputs and labels
     * @return a scalar of shape {@code ()}
     */
    NDArray of(Batch batch);

    /** A batch as a loss sees it. */
    interface Batch {
        /** The number of samples. */
        int size();

        /** The number of exits N. */
        int exits();

        /** The samples as the network is given them, {@code (batch, …)}: what a reconstruction is compared with. */
        @Experimental("for losses without labels")
        NDArray samples();

        /** The true classes, shape {@code (batch)}, INT64. */
        NDArray labels();

        /**
         * A head's output for the batch, {@code (batch, k)}.
         *
         * @param exit {@code 1 … } the phase's {@link Phase#throughExit()}
         * @param output the output
         */
        NDArray output(int exit, HeadOutput output);

        /**
         * The head's output for the perturbed batch, {@code (batch, k)}.
         *
         * @param exit {@code 1 … } the phase's {@link Phase#throughExit()}
         * @param output the output
         * @throws IllegalStateException if the phase has no {@link Phase#perturbation()}
         */
        NDArray perturbedOutput(int exit, HeadOutput output);

        /** The number of unlabelled samples that go with the batch; 0 where the phase has none. */
        @Experimental("samples without labels are for losses only")
        int unlabelled();

        /**
         * The head's output for the unlabelled samples, {@code (unlabelled(), k)}.
         *
         * @param exit {@code 1 … } the phase's {@link Phase#throughExit()}
         * @param output the output
         * @throws IllegalStateException if there are none
         */
        @Experimental("samples without labels are for losses only")
        NDArray unlabelledOutput(int exit, HeadOutput output);

        /**
         * The head's output for the perturbed unlabelled samples, {@code (unlabelled(), k)}.
         *
         * @param exit {@code 1 … } the phase's {@link Phase#throughExit()}
         * @param output the output
         * @throws IllegalStateException if there are none, or the phase has no {@link Phase#perturbation()}
         */
        @Experimental("samples without labels are for losses only")
        NDArray perturbedUnlabelledOutput(int exit, HeadOutput output);

        /** How far the phase is: 0 at the first step, towards 1 at the last. */
        double progress();
    }
}
