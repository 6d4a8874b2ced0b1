package org.offramp.api;

/**
 * How a phase's parameters are updated. Usable as a nested section of a trainer's configuration.
 *
 * @param method the method
 * @param learningRate the learning rate at the start
 * @param weightDecay the L2 weight decay
 * @param momentum the momentum of {@code sgd}; ignored by {@code adam}
 * @param schedule how the learning rate changes over the phase
 */
public record Optimization(
        @Key(value = "adam or sgd", defaultValue = "adam") Method method,

        @Key(value = "learning rate at the start", defaultValue = "0.001", min = 1e-9, max = 10)
        double learningRate,

        @Key(value = "L2 weight decay", defaultValue = "0.0", min = 0, max = 1)
        double weightDecay,

        @Key(value = "momentum of sgd", defaultValue = "0.9", min = 0, max = 0.9999)
        double momentum,

        @Key(value = "how the learning rate changes: constant, or cosine to 0", defaultValue = "cosine")
        Schedule schedule) {
    /** Adam, 1e-3, cosine. */
    public static final Optimization DEFAULT = new Optimization(Method.ADAM, 1e-3, 0, 0.9, Schedule.COSINE);

    /** Checks the ranges. */
    public Optimization {
        if (!(learningRate > 0) || weightDecay < 0 || momentum < 0 || momentum >= 1) {
            throw new IllegalArgumentException("learning-rate " + learningRate + ", weight-decay " + weightDecay
                    + ", momentum " + momentum + ": out of range");
        }
    }

    /** Update rules. */
    public enum Method {
        /** Adam (Kingma and Ba 2015) with β = (0.9, 0.999). */
        ADAM,
        /** Stochastic gradient descent with momentum. */
        SGD
    }

    /** Learning-rate schedules over a phase. */
    public enum Schedule {
        /** The same rate throughout. */
        CONSTANT,
        /** Half a cosine from the start rate to 0. */
        COSINE
    }
}
