package org.offramp.host.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** What the machine does at best: GFLOP/s of the engine's own kernels on shapes that suit them. */
final class Peak {
    private static final int REPEATS = 12;

    private Peak() {}

    /** A product of two square matrices of 1,024. */
    static double matrixProduct(NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray a = scope.randomNormal(new Shape(1024, 1024));
            NDArray b = scope.randomNormal(new Shape(1024, 1024));
            return best(2.0 * 1024 * 1024 * 1024, () -> a.matMul(b).close());
        }
    }

    /** A 3 × 3 convolution from 128 to 128 channels on 16 samples of 28 × 28. */
    static double convolution(NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = scope.randomNormal(new Shape(16, 128, 28, 28));
            NDArray weight = scope.randomNormal(new Shape(128, 128, 3, 3));
            NDArray bias = scope.zeros(new Shape(128));
            Shape one = new Shape(1, 1);
            return best(
                    2.0 * 16 * 28 * 28 * 128 * 128 * 9,
                    () -> x.getNDArrayInternal()
                            .convolution(x, weight, bias, one, one, one, 1)
                            .get(0)
                            .close());
        }
    }

    private static double best(double operations, Runnable call) {
        long[] times = new long[REPEATS];
        for (int i = 0; i < REPEATS; i++) {
            long begin = System.nanoTime();
            call.run();
            times[i] = System.nanoTime() - begin;
        }
        return operations / Arrays.stream(times).min().orElseThrow();
    }
}
